using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using Npgsql;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

/// <summary>A database that is really away.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Work_waits_for_a_database_that_is_away_and_uses_up_no_try()
    {
        await using var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        var database = await postgres.CreateDatabase();
        await using var node = new Node(
            new MemoryFeed(TimeProvider.System), database: database,
            settings: new MessagingSettings { FirstRetry = TimeSpan.FromMilliseconds(1), LongestRetry = TimeSpan.FromMilliseconds(5) });
        var tries = 0;
        node.Duty.Do = async (_, cancel) =>
        {
            Interlocked.Increment(ref tries);
            await using var command = node.Get<EventPool>().Source.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancel);
            return default(Done);
        };
        Task handed = Task.CompletedTask;
        await postgres.Crash(async () =>
        {
            handed = Task.WhenAll(Enumerable.Range(0, 10).Select(i => node.Queue.Enqueue(new WorkItem("dust", new Dust($"{i}"), null, null), CancellationToken.None)));
            await Wait.Until(() => node.Log.Lines.Count(line => line.Text.Contains("work waits for it", StringComparison.Ordinal)) >= 2, "looks in vain");
            Assert.Empty(node.Duty.Done);
        });
        await Wait.For(handed);

        Assert.Equal(10, node.Duty.Done.Count);
        Assert.Empty(await node.DeadLetters.List(10, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(node.Log.Lines, line => line.Text.Contains("the next is in", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_of_the_database_is_no_outage()
    {
        using var pool = new EventPool("Host=/nowhere");
        using var outage = new DatabaseOutage(pool, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<DatabaseOutage>.Instance);
        Assert.False(outage.MayBe(new PostgresException("A row is there.", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation)));
        Assert.True(outage.MayBe(new PostgresException("Going down.", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown)));
        Assert.True(outage.MayBe(new InvalidOperationException("Outside", new NpgsqlException("No connection."))));
        Assert.False(outage.MayBe(new FormatException("A bug.")));
    }
}
