using System.Globalization;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>
/// What an append costs, and an append until it shows in its view, when the log and the views are large, against the same
/// when they are small. Both stand in one cluster and take turns.
/// </summary>
internal static class Growth
{
    private const int Tasks = 8;
    private const int SmallEvents = 100_000;
    private const int LargeEvents = 1_000_000;
    private const int InUse = SmallEvents / Ledger.EventsPerStream;
    private const int LongEvents = 10_000_000;

    // A fifth more may be paid for a hundred times as much.
    private const double AtLeast = 1 / 1.2;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var large = Environment.GetEnvironmentVariable("EVENTFILES_LONG") is "1" ? LongEvents : LargeEvents;
        var (here, there) = (await Store.Open(arena, SmallEvents, cancel), await Store.Open(arena, large, cancel));
        Contestant Of(string name, Store store, bool untilVisible) => new(
            string.Create(CultureInfo.InvariantCulture, $"{name} at {store.Events:N0}"),
            (time, stop) => store.Append(untilVisible, time, stop))
        {
            Processes = [arena.PostgresId],
            IsHere = true,
        };

        Contestant[] all =
        [
            Of("append", here, untilVisible: false), Of("append", there, untilVisible: false),
            Of("visible", here, untilVisible: true), Of("visible", there, untilVisible: true),
        ];
        return new Prepared(
            new Contest(
                "events/s",
                all,
                [
                    new Goal("append to a large log", all[1].Name, all[0].Name, AtLeast),
                    new Goal("append until its view shows it", all[3].Name, all[2].Name, AtLeast),
                ])
            {
                WarmUp = TimeSpan.FromSeconds(3),
            },
            async _ =>
            {
                await here.DisposeAsync();
                await there.DisposeAsync();
            });
    }

    /// <summary>A log of a size, and a node that keeps its views.</summary>
    private sealed record Store(int Events, NpgsqlDataSource Database, ServiceProvider Node, IAsyncDisposable Following) : IAsyncDisposable
    {
        public static async Task<Store> Open(Arena arena, int events, CancellationToken cancel)
        {
            var connection = await arena.NewDatabase(string.Create(CultureInfo.InvariantCulture, $"growth_{events}"), cancel);
            var database = LimitServer.Database(connection);
            await Ledger.Fill(database, events / Ledger.EventsPerStream, cancel);
            var node = Ledger.Node(connection, views => views.AddMemoryReadModels());
            var following = await Ledger.Follow(node, cancel);
            await Ledger.UntilCaughtUp(node, cancel);
            return new Store(events, database, node, following);
        }

        public Task<double> Append(bool untilVisible, TimeSpan time, CancellationToken cancel)
        {
            var (streams, readers) = (Node.GetRequiredService<IStreams>(), Node.GetRequiredService<IReadPosition>());
            return Load.Run(
                Tasks, time,
                async _ =>
                {
                    // As many streams are in use here as there, far from each other: it is the log that grows, not the load.
                    var stream = Ledger.Stream((long)Random.Shared.Next(InUse) * (Events / SmallEvents));
                    var position = await Ledger.Append(streams, stream, cancel);
                    if (untilVisible && !await readers.Reached(position, TimeSpan.FromSeconds(10), cancel))
                        throw new BenchException("A commit was not seen within 10 s.");
                },
                cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await Following.DisposeAsync();
            await Node.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
