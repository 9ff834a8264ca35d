using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>On PostgreSQL and Redis, the figures of a group's space are counted again as anybody's are.</summary>
public sealed class SpaceQuotaJourneyTests(PostgresAndRedis servers) : IClassFixture<PostgresAndRedis>
{
    [Fact]
    public async Task A_figure_of_a_groups_space_that_departed_is_found_and_named_by_its_event()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        var team = (await olga.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await ada.Post($"api/groups/{team}/space", new { name = "Plans", limitBytes = 10_000 }).Expect(201);
        foreach (var size in new[] { 100, 200 })
            await olga.Upload($"{size}.bin", [.. Enumerable.Repeat((byte)size, size)], null, ("folderId", $"{team}")).Expect(202);
        await olga.Until($"api/groups/{team}/space", space => space.GetProperty("usedBytes").GetInt64() == 300);
        Assert.Empty(await Verify(0));

        // The limit first, then a charge for each: the second bears a byte too much.
        await Spoil(team);
        var found = Assert.Single(await Verify(1), one => one.GetProperty("kept").GetString() == "event");
        Assert.Equal((team, 2, "quota.charged.v1"), (
            found.GetProperty("account").GetGuid(), found.GetProperty("at").GetProperty("version").GetInt32(),
            found.GetProperty("at").GetProperty("name").GetString()));
        Assert.Equal((101, 100), (Used(found, "found"), Used(found, "right")));
        Assert.Equal(300, (await olga.Read($"api/groups/{team}/space")).GetProperty("usedBytes").GetInt64());
        Assert.Single(await Verify(1, "--account", $"{team}"), one => one.GetProperty("kept").GetString() == "event");
        Assert.Empty(await Verify(0, "--account", $"{olga.Id}"));
    }

    private async Task Spoil(Guid space)
    {
        await using var database = NpgsqlDataSource.Create(servers.Database);
        await using var command = database.CreateCommand(
            "update public.mt_events set data = jsonb_set(data, '{after,usedBytes}', '101') where stream_id = $1 and version = 2");
        command.Parameters.AddWithValue($"quota-{space}");
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<IReadOnlyList<JsonElement>> Verify(int code, params string[] more)
    {
        var (exit, output, error) = await Server.Run(["quota", "verify", "--json", "--env-file", servers.EnvFile, .. more]);
        Assert.True(exit == code, $"{exit}: {output} {error}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static long Used(JsonElement found, string which) => found.GetProperty(which).GetProperty("usedBytes").GetInt64();
}
