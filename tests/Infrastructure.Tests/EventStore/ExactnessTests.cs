using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>
/// Every kind of writer that can hide a number, against readers that start anew at random. The plain cursor runs beside
/// them and must miss events, or the run would prove nothing.
/// </summary>
public sealed class ExactnessTests(PostgresFixture postgres)
{
    private const int Writers = 16;
    private const int Readers = 3;

    private static readonly int Events = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 1_000_000 : 50_000;

    [Fact]
    public async Task Readers_see_every_committed_event_once_and_in_order()
    {
        var cancel = TestContext.Current.CancellationToken;
        var connectionString = await postgres.CreateDatabase();
        await using var store = new Store(connectionString);
        await using var writers = new HostileWriters(connectionString);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);

        var seen = new long[Readers];
        var readers = Enumerable.Range(0, Readers)
            .Select(number => Task.Run(() => ReadExactly(connectionString, number, upto => Volatile.Write(ref seen[number], upto), stop.Token), cancel))
            .ToArray();
        var naive = Task.Run(() => ReadNaively(store.Database, stop.Token), cancel);
        // A reader that comes when all is over meets no open transaction: most of the log is read while it grows.
        await writers.Write(Writers, Events, () => seen.Min() > Events / 2, cancel);
        await stop.CancelAsync();

        var committed = await Positions(store.Database, cancel);
        Assert.True(committed.Count >= Events);
        foreach (var reader in readers)
            Assert.Equal(committed, await Finish(store, await reader, committed[^1], cancel));
        Assert.True((await naive).Count < committed.Count, "the plain cursor missed nothing");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{committed.Count} events, {committed[^1] - committed.Count} numbers lost, the plain cursor missed {committed.Count - (await naive).Count}; "
            + string.Join(", ", writers.Fates.Select(fate => $"{fate.Key} {fate.Value}")));
    }

    // Each life of this reader is a new process as far as the store can tell: nothing but its checkpoint survives.
    private static async Task<(List<long> Seen, long Checkpoint)> ReadExactly(
        string connectionString, int number, Action<long> note, CancellationToken stop)
    {
        var random = new Random(1000 + number);
        var seen = new List<long>();
        var checkpoint = 0L;
        while (!stop.IsCancellationRequested)
        {
            await using var node = new Store(connectionString);
            for (var pages = random.Next(1, 100); pages > 0 && !stop.IsCancellationRequested; pages--)
            {
                var page = await node.Feed.After(checkpoint, random.Next(1, 2000), null, TimeSpan.FromMilliseconds(100), CancellationToken.None);
                seen.AddRange(page.Events.Select(happened => happened.Position));
                note(checkpoint = page.Upto);
            }
        }

        return (seen, checkpoint);
    }

    private static async Task<List<long>> Finish(
        Store store, (List<long> Seen, long Checkpoint) reader, long last, CancellationToken cancel)
    {
        var (seen, checkpoint) = reader;
        while (checkpoint < last)
        {
            var page = await store.Feed.After(checkpoint, 1000, null, TimeSpan.FromSeconds(10), cancel);
            Assert.True(page.Upto > checkpoint, "the reader is stuck");
            seen.AddRange(page.Events.Select(happened => happened.Position));
            checkpoint = page.Upto;
        }

        return seen;
    }

    private static async Task<List<long>> ReadNaively(NpgsqlDataSource source, CancellationToken stop)
    {
        var seen = new List<long>();
        while (!stop.IsCancellationRequested)
        {
            seen.AddRange(await Positions(source, CancellationToken.None, seen.Count > 0 ? seen[^1] : 0));
            await Task.Yield();
        }

        seen.AddRange(await Positions(source, CancellationToken.None, seen.Count > 0 ? seen[^1] : 0));
        return seen;
    }

    private static async Task<List<long>> Positions(NpgsqlDataSource source, CancellationToken cancel, long after = 0)
    {
        await using var command = source.CreateCommand("select seq_id from mt_events where seq_id > $1 order by seq_id");
        command.Parameters.Add(new() { Value = after });
        var positions = new List<long>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            positions.Add(rows.GetInt64(0));
        return positions;
    }
}
