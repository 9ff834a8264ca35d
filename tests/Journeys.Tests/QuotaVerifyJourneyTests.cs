using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using StackExchange.Redis;

namespace EventFiles.Journeys.Tests;

/// <summary>Figures that somebody tampers with are found, named by the event at which they departed, and made right.</summary>
public sealed class QuotaVerifyJourneyTests(PostgresAndRedis servers) : IClassFixture<PostgresAndRedis>
{
    [Fact]
    public async Task A_figure_that_departed_is_found_named_by_its_event_and_fixed_wherever_it_is_kept()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        foreach (var size in new[] { 100, 200, 300 })
            await olga.Keep($"{size}.bin", Content(size));
        await ravi.Keep("only.bin", Content(50));
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 600);
        Assert.Empty(await Verify(0));

        await ASnapshot(olga, ravi);
        await AView(olga);
        await TheLogItself(olga);

        Assert.Equal((600, 0, 3), await olga.Quota());
        await olga.Keep("more.bin", Content(11));
        Assert.Equal((611, 0, 4), await olga.Quota());
        Assert.Empty(await Verify(0));
    }

    [Fact]
    public async Task An_operator_lists_and_sets_what_accounts_may_hold()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        var (code, output, error) = await Server.Run(
            "quota", "set", "--account", $"{olga.Id}", "--limit", "1000", "--soft", "500", "--max-files", "3", "--env-file", servers.EnvFile);
        Assert.True(code == 0, error);
        await olga.Until("api/quota", quota => quota.GetProperty("limitBytes").GetInt64() == 1000 && quota.GetProperty("maxFiles").GetInt32() == 3);
        await olga.Keep("most.bin", Content(850));
        await olga.Until("api/quota", quota => quota.GetProperty("warnedPercent").GetInt32() == 80);
        (code, output, _) = await Server.Run("quota", "list", "--warned", "--json", "--env-file", servers.EnvFile);
        Assert.Equal(0, code);
        Assert.Contains(Lines(output), one => one.GetProperty("account").GetGuid() == olga.Id && one.GetProperty("usedBytes").GetInt64() == 850);
        Assert.Equal(1, (await Server.Run("quota", "set", "--account", $"{Guid.CreateVersion7()}", "--limit", "1", "--env-file", servers.EnvFile)).ExitCode);
        Assert.Equal(1, (await Server.Run("quota", "set", "--account", $"{olga.Id}", "--limit", "1", "--soft", "2", "--env-file", servers.EnvFile)).ExitCode);
        Assert.Equal(2, (await Server.Run("quota", "set", "--account", $"{olga.Id}", "--limit", "-1", "--env-file", servers.EnvFile)).ExitCode);
    }

    // A state that a node would begin with, as of the second event, that has other figures.
    private async Task ASnapshot(Person olga, Person ravi)
    {
        await Sql(
            """
            insert into eventfiles.snapshots (stream_id, name, state_version, version, event_id, state, tenant_id)
            select stream_id, 'quota', 5, version, id, $2::json, tenant_id from public.mt_events where stream_id = $1 and version = 2
            """,
            $"quota-{olga.Id}", """{"balance":{"limitBytes":10737418240,"usedBytes":301,"reservedBytes":0,"files":2},"reservations":{},"files":{}}""");
        Assert.Empty(await Verify(0, "--account", $"{ravi.Id}"));
        var found = Assert.Single(await Verify(1));
        Assert.Equal(("snapshot", olga.Id, 2), (Kept(found), found.GetProperty("account").GetGuid(), Version(found)));
        Assert.Equal((301, 300), (Used(found, "found"), Used(found, "right")));
        Assert.Single(await Verify(1, "--fix"));
        Assert.Empty(await Verify(0));
    }

    // A view that tells of a byte more than its newest event does, and then one that missed that event.
    private async Task AView(Person olga)
    {
        foreach (var (used, files) in new[] { (601, 3), (300, 2) })
        {
            await Spoil(olga, used, files);
            Assert.Equal(used, (await olga.Quota()).Used);
            var found = Assert.Single(await Verify(1));
            Assert.Equal(("view", 3, "quota.charged.v1"), (Kept(found), Version(found), found.GetProperty("at").GetProperty("name").GetString()));
            Assert.Equal((used, 600), (Used(found, "found"), Used(found, "right")));
            Assert.Single(await Verify(1, "--fix"));
            await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 600);
            Assert.Empty(await Verify(0));
        }
    }

    // An event bears other figures than follow from it: what comes after is right, and so the log alone is wrong there.
    private async Task TheLogItself(Person olga)
    {
        await Sql(
            "update public.mt_events set data = jsonb_set(data, '{after,usedBytes}', '607') where stream_id = $1 and version = 3 and $2 = ''",
            $"quota-{olga.Id}", "");
        var found = Assert.Single(await Verify(1), one => Kept(one) == "event");
        Assert.Equal((3, 607, 600), (Version(found), Used(found, "found"), Used(found, "right")));
        Assert.Single(await Verify(1, "--fix"), one => Kept(one) == "event");
        Assert.Empty(await Verify(0));
        var last = (await olga.Read("api/quota/explain?limit=1000")).GetProperty("items").EnumerateArray().Last();
        Assert.Equal(("corrected", -7), (last.GetProperty("what").GetString(), last.GetProperty("bytes").GetInt64()));
    }

    private async Task Spoil(Person person, long used, int files)
    {
        var url = new Uri(servers.Settings["REDIS_URL"]);
        using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port } },
            Password = url.UserInfo.TrimStart(':'),
        });
        var database = redis.GetDatabase();
        foreach (var key in ((RedisResult[])(await database.ExecuteAsync("KEYS", "*{quota}:*:views"))!).Select(key => (string)key!))
        {
            if ((byte[]?)await database.HashGetAsync(key, $"{person.Id}") is not { } value)
                continue;
            var view = JsonNode.Parse(value.AsSpan(sizeof(long)))!;
            (view["usedBytes"], view["files"]) = (used, files);
            await database.HashSetAsync(key, $"{person.Id}", (byte[])[.. value.AsSpan(0, sizeof(long)), .. Encoding.UTF8.GetBytes(view.ToJsonString())]);
        }
    }

    private async Task Sql(string sql, string stream, string value)
    {
        await using var database = NpgsqlDataSource.Create(servers.Database);
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(value);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<IReadOnlyList<JsonElement>> Verify(int code, params string[] more)
    {
        var (exit, output, error) = await Server.Run(["quota", "verify", "--json", "--env-file", servers.EnvFile, .. more]);
        Assert.True(exit == code, $"{exit}: {output} {error}");
        return Lines(output);
    }

    private static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Kept(JsonElement found) => found.GetProperty("kept").GetString();

    private static int Version(JsonElement found) => found.GetProperty("at").GetProperty("version").GetInt32();

    private static long Used(JsonElement found, string which) => found.GetProperty(which).GetProperty("usedBytes").GetInt64();

    private static byte[] Content(int size) => [.. Enumerable.Range(0, size).Select(n => (byte)(size + n))];
}
