using System.Diagnostics;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Bench;

/// <summary>
/// How long after its commit an event shows in its view, while 200 events a second are appended at set times, whether or
/// not the former ones are done.
/// </summary>
internal static class Latency
{
    private const int PerSecond = 200;
    private const int Streams = 1_000;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(8);

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var connection = await arena.NewDatabase("latency", cancel);
        var database = LimitServer.Database(connection);
        await Ledger.Fill(database, Streams, cancel);
        var node = Ledger.Node(connection, views => views.AddMemoryReadModels());
        var following = await Ledger.Follow(node, cancel);
        await Ledger.UntilCaughtUp(node, cancel);
        var (streams, readers) = (node.GetRequiredService<IStreams>(), node.GetRequiredService<IReadPosition>());
        var seen = new Times();

        Task<double> Appending(TimeSpan time, CancellationToken stop) => Load.Paced(
            PerSecond, time,
            async number =>
            {
                var position = await Ledger.Append(streams, Ledger.Stream(number % Streams), stop);
                var committed = Stopwatch.GetTimestamp();
                if (!await readers.Reached(position, TimeSpan.FromSeconds(10), stop))
                    throw new BenchException("A commit was not seen within 10 s.");
                seen.Add(Stopwatch.GetElapsedTime(committed));
            },
            stop);

        return new Prepared(
            new Contest(
                "appends/s",
                [new Contestant("appends, paced", Appending) { Processes = [arena.PostgresId], IsHere = true, Times = seen }],
                [
                    new TimeGoal("commit to visible, p50 in ms", "appends, paced", 0.50, AtMostMilliseconds: 10),
                    new TimeGoal("commit to visible, p99 in ms", "appends, paced", 0.99, AtMostMilliseconds: 100),
                ])
            {
                Turn = Turn,
            },
            async _ =>
            {
                await following.DisposeAsync();
                await node.DisposeAsync();
                await database.DisposeAsync();
            });
    }
}
