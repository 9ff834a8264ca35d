using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>
/// Writers that commit late, roll back and are killed, against readers that start anew at random. The plain cursor runs
/// beside them and must miss events, or the run would prove nothing.
/// </summary>
public sealed class ExactnessTests(PostgresFixture postgres)
{
    private const int Writers = 16;

    // EVENTFILES_EXACTNESS_EVENTS=1000000 is the long form.
    private static readonly int Events =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTFILES_EXACTNESS_EVENTS"), CultureInfo.InvariantCulture, out var events) ? events : 50_000;

    [Fact]
    public async Task Readers_see_every_committed_event_once_and_in_order()
    {
        var cancel = TestContext.Current.CancellationToken;
        var connectionString = await postgres.CreateDatabase();
        await using var store = new Store(connectionString);
        await using var killable = NpgsqlDataSource.Create(connectionString + ";Application Name=killable");
        var appended = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);

        var readers = Enumerable.Range(0, 3).Select(number => Task.Run(() => ReadExactly(connectionString, number, stop.Token), cancel)).ToArray();
        var naive = Task.Run(() => ReadNaively(store.Database, stop.Token), cancel);
        var killer = Task.Run(() => Kill(store.Database, stop.Token), cancel);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(async () =>
        {
            var random = new Random(number);
            for (var run = 0; Volatile.Read(ref appended) < Events; run++)
                Interlocked.Add(ref appended, await AppendSlowly(killable, $"note-{number}-{run}", random, cancel));
        }, cancel)));
        await stop.CancelAsync();

        var committed = await Positions(store.Database, cancel);
        Assert.True(committed.Count >= Events);
        Assert.True(committed[^1] > committed.Count, "no number was lost: nothing was rolled back");
        foreach (var reader in readers)
            Assert.Equal(committed, await Finish(store, await reader, committed[^1], cancel));
        Assert.True((await naive).Count < committed.Count, "the plain cursor missed nothing");
        await killer;
    }

    // As the program appends, but in an explicit transaction that may take its time or change its mind.
    private static async Task<int> AppendSlowly(NpgsqlDataSource source, string stream, Random random, CancellationToken cancel)
    {
        var count = random.Next(1, 120);
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var append = new NpgsqlCommand(
                """
                select eventfiles.append(now(), null, null, null, array[$1], array['x'], array[0], array[$2::bigint],
                    array(select gen_random_uuid() from generate_series(1, $2)), array_fill(1, array[$2]),
                    array(select n::bigint from generate_series(1, $2) n), array_fill('notes.written.v1'::varchar, array[$2]),
                    array_fill('{"text":""}'::jsonb, array[$2]), null, null, null, null, null, null, null)
                """,
                connection);
            append.Parameters.Add(new() { Value = stream, NpgsqlDbType = NpgsqlDbType.Varchar });
            append.Parameters.Add(new() { Value = count });
            await append.ExecuteNonQueryAsync(cancel);
            if (random.Next(3) == 0)
                await Task.Delay(random.Next(20), cancel);
            if (random.Next(8) == 0)
            {
                await transaction.RollbackAsync(cancel);
                return 0;
            }

            await transaction.CommitAsync(cancel);
            return count;
        }
        catch (NpgsqlException)
        {
            return 0; // Killed. If it was in the middle of its commit, the table knows.
        }
    }

    private static async Task Kill(NpgsqlDataSource source, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using var kill = source.CreateCommand(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where application_name = 'killable' and datname = current_database() order by random() limit 1
                """);
            await kill.ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Delay(100, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    // Each life of this reader is a new process as far as the store can tell: nothing but its checkpoint survives.
    private static async Task<(List<long> Seen, long Checkpoint)> ReadExactly(string connectionString, int number, CancellationToken stop)
    {
        var random = new Random(1000 + number);
        var seen = new List<long>();
        var checkpoint = 0L;
        while (!stop.IsCancellationRequested)
        {
            await using var node = new Store(connectionString);
            for (var pages = random.Next(1, 60); pages > 0 && !stop.IsCancellationRequested; pages--)
            {
                var page = await node.Feed.After(checkpoint, random.Next(1, 500), null, TimeSpan.FromMilliseconds(50), CancellationToken.None);
                seen.AddRange(page.Events.Select(happened => happened.Position));
                checkpoint = page.Upto;
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
