using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>When readers are held up, a change is answered after a second, or as late as its client says.</summary>
public sealed class ReadYourWritesJourneyTests
{
    [Fact]
    public async Task A_client_waits_for_readers_as_long_as_it_says()
    {
        await using var server = await Server.Start();
        using var patient = await Person.Register(server.Address, "Olga");
        using var hasty = await Person.Register(server.Address, "Ravi");
        hasty.Http.DefaultRequestHeaders.Remove("Prefer");
        var cancel = TestContext.Current.CancellationToken;
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        await using var writer = await database.OpenConnectionAsync(cancel);
        await using var unfinished = await writer.BeginTransactionAsync(cancel);
        await using var draw = new NpgsqlCommand(
            """
            set local idle_in_transaction_session_timeout = 0;
            lock table public.mt_streams in row exclusive mode;
            select nextval('public.mt_events_sequence');
            """, writer, unfinished);
        await draw.ExecuteNonQueryAsync(cancel);

        var folder = patient.Post("api/folders", new { name = "Papers" });
        await (await hasty.Post("api/folders", new { name = "Papers" })).Expect(201);
        Assert.Empty((await hasty.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
        Assert.False(folder.IsCompleted);

        await unfinished.RollbackAsync(cancel);
        await (await folder).Expect(201);
        Assert.Single((await patient.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
    }
}
