using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>What an operator does with work that was given up, over HTTP and at the command line.</summary>
public sealed class DeadLettersJourneyTests
{
    // Work that ends at once, for it is about no file there is, and work that no program knows.
    private const string Plant =
        """
        insert into eventfiles.dead_letters (id, kind, work, body, owner, error, tries, at)
        select encode(substr(sha256(convert_to(work || e'\n' || body, 'UTF8')), 1, 16), 'hex')::uuid, 'process', work, body, gen_random_uuid(), 'TransientException', 8, now()
        from (values
            ('EventFiles.Features.Process.RunSteps',
             '{"owner":"019a0000-0000-7000-8000-000000000001","file":"019a0000-0000-7000-8000-000000000002","jobs":[]}'),
            ('Of.A.Newer.Program', '{}')) as planted (work, body)
        returning id
        """;

    [Fact]
    public async Task An_operator_retries_and_discards_what_was_given_up()
    {
        await using var server = await Server.Start();
        using var admin = await Person.Register(server.Address, "Admin");
        using var olga = await Person.Register(server.Address, "Olga");
        var (good, bad) = await Planted(server);
        foreach (var path in new[] { "dead-letters", $"dead-letters/{good}", "queues" })
            await (await olga.Get($"api/admin/{path}")).Problem(403, "operate.administrators-only");
        await (await olga.Post($"api/admin/dead-letters/{good}/retry")).Problem(403, "operate.administrators-only");
        await (await olga.Http.DeleteAsync($"api/admin/dead-letters/{good}")).Problem(403, "operate.administrators-only");
        await (await admin.Post($"api/admin/dead-letters/{Guid.NewGuid()}/retry")).Problem(404, "operate.no-such-dead-letter");
        Assert.Equal(2, (await admin.Read("api/admin/dead-letters")).GetProperty("items").GetArrayLength());
        Assert.Equal("Of.A.Newer.Program", (await admin.Read($"api/admin/dead-letters/{bad}")).GetProperty("work").GetString());

        await (await admin.Post($"api/admin/dead-letters/{good}/retry")).Expect(202);
        await admin.Until("api/admin/dead-letters", all => all.GetProperty("items").GetArrayLength() == 1);
        await (await admin.Http.DeleteAsync($"api/admin/dead-letters/{bad}")).Expect(204);
        await (await admin.Http.DeleteAsync($"api/admin/dead-letters/{bad}")).Problem(404, "operate.no-such-dead-letter");
        await admin.Until("api/admin/queues", all => all.GetProperty("items").EnumerateArray().Any(one => one.GetProperty("kind").GetString() == "process"));
    }

    [Fact]
    public async Task An_operator_does_the_same_at_the_command_line_and_over_a_restart()
    {
        await using var server = await Server.Start();
        var (good, bad) = await Planted(server);
        await server.Kill();
        Assert.Equal(0, (await Letters(server, "retry", $"{good}")).ExitCode);
        await server.Restart();
        await Wait(async () => JsonDocument.Parse((await Letters(server, "list", "--json")).Output).RootElement.GetArrayLength() == 1);

        Assert.Contains("Of.A.Newer.Program", (await Letters(server, "show", $"{bad}")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Letters(server, "retry", "--all")).ExitCode);
        var left = JsonDocument.Parse((await Letters(server, "list", "--json")).Output).RootElement;
        Assert.StartsWith("FormatException in ", left[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await Letters(server, "discard", $"{left[0].GetProperty("id").GetGuid()}")).ExitCode);
        Assert.Contains("0 done", (await Letters(server, "retry", "--all")).Output, StringComparison.Ordinal);

        Assert.Equal(1, (await Letters(server, "show", $"{Guid.NewGuid()}")).ExitCode);
        Assert.Equal(2, (await Letters(server, "retry")).ExitCode);
        await Wait(async () => (await Server.Run("queues", "status", "--data", server.Data)).Output.Contains("process", StringComparison.Ordinal));
    }

    private static Task<(int ExitCode, string Output, string Error)> Letters(Server server, params string[] arguments) =>
        Server.Run(["dead-letters", .. arguments, "--data", server.Data]);

    private static async Task<(Guid Good, Guid Bad)> Planted(Server server)
    {
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        await using var command = database.CreateCommand(Plant);
        await using var rows = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await rows.ReadAsync())
            ids.Add(rows.GetGuid(0));
        return (ids[0], ids[1]);
    }

    private static async Task Wait(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await isSo())
            await Task.Delay(50, patience.Token);
    }
}
