using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>
/// All views made anew from 100,000 events over 10,000 streams, against the same rows copied out: no rebuild can be faster
/// than reading what it is made of.
/// </summary>
internal static class Rebuilds
{
    private const int Streams = 10_000;
    private const int Events = Streams * Ledger.EventsPerStream;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var connection = await arena.NewDatabase("rebuilds", cancel);
        var database = LimitServer.Database(connection);
        await Ledger.Fill(database, Streams, cancel);
        var redis = await arena.Redis(cancel);
        var runs = 0;
        Contestant Of(string name, Func<CancellationToken, Task> makeAll) => new(name, async (time, stop) =>
        {
            var (start, events) = (System.Diagnostics.Stopwatch.GetTimestamp(), 0L);
            for (; System.Diagnostics.Stopwatch.GetElapsedTime(start) < time; events += Events)
                await makeAll(stop);
            return events;
        })
        {
            Processes = [arena.PostgresId, arena.RedisId],
            IsHere = true,
        };

        return new Prepared(
            new Contest(
                "events/s",
                [
                    Of("COPY out", stop => CopyOut(database, stop)),
                    Of("rebuild in memory", stop => Rebuild(connection, views => views.AddMemoryReadModels(), stop)),
                    // Each under a name of its own: nothing is there before.
                    Of("rebuild in Redis", stop => Rebuild(
                        connection, views => views.AddRedisReadModels(redis, $"rebuild{++runs}"), stop)),
                ],
                [
                    // Three times Marten's 18,000, the better of its measured figures, is 54,000.
                    new Goal("rebuild in memory, 100 k events", "rebuild in memory", "COPY out", 0.25) { LeastRate = 54_000 },
                    new Goal("rebuild in Redis, 100 k events", "rebuild in Redis", "COPY out", null) { LeastRate = 25_000 },
                ]),
            async _ => await database.DisposeAsync());
    }

    // From the start of a node to the moment its readers see everything.
    private static async Task Rebuild(string connection, Action<IServiceCollection> views, CancellationToken cancel)
    {
        await using var node = Ledger.Node(connection, views);
        await using var following = await Ledger.Follow(node, cancel);
        await Ledger.UntilCaughtUp(node, cancel);
        var last = await node.GetRequiredService<IReadModel<Ledger.Account>>()
            .List("by-balance", null, 1, descending: true, cancel);
        if (last.Items is not [{ Payments: Ledger.EventsPerStream }])
            throw new BenchException("A view was not made whole.");
    }

    private static async Task CopyOut(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var rows = await connection.BeginBinaryExportAsync(
            $"copy ({LogReads.Rows} order by e.seq_id) to stdout (format binary)", cancel);
        for (var count = 0; ; count++)
        {
            if (await rows.StartRowAsync(cancel) < 0)
            {
                if (count < Events)
                    throw new BenchException("Rows are missing.");
                return;
            }

            for (var column = 0; column < 11; column++)
                await rows.SkipAsync(cancel);
        }
    }
}
