using System.Diagnostics;
using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Verify;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>The signed tree over the log: what it costs whoever appends, how fast it takes leaves, and what a proof takes.</summary>
internal static class Trees
{
    private const int Streams = 10_000;
    private const int ProvenEvents = 1_000_000;
    private const int LongProvenEvents = 10_000_000;
    private const int PerSecond = 50;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(6);

    private const string EmptySql =
        """
        truncate eventfiles.log_tiles, eventfiles.log_leaves, eventfiles.log_checkpoints;
        update eventfiles.log_tree set size = 0, position = 0
        """;

    private const string EventsSql = $"select {PublicEvent.Columns} from public.mt_events e order by e.seq_id";

    /// <summary>
    /// Appends with the tree against appends without, all of its work within the turn; and the tree over 100,000 events, made
    /// and gone through again, against reading and hashing the same rows.
    /// </summary>
    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var (bare, kept) = (await Log.Open(arena, "tree_bare", 0, cancel), await Log.Open(arena, "tree_kept", 0, cancel));
        var (growing, grown) = (await Log.Open(arena, "tree_growing", Streams, cancel), await Log.Open(arena, "tree_grown", Streams, cancel));
        await grown.Sequence(cancel);
        var file = Path.Combine(await arena.NewFolder("tree-export"), "log");
        await using (var export = new LogExport(grown.Connection))
            await export.Write(file, new ExportOrder(0, null, WithPrivate: false), null, cancel);
        var checkpoint = Checkpoint.Read((await grown.Proofs.Newest(cancel))!.Note);
        var trusted = new Trusted(VerifierKey.Read(Log.Key.VerifierKey)!, [], checkpoint);

        Contestant Of(string name, Func<TimeSpan, CancellationToken, Task<double>> work) =>
            new(name, work) { Processes = [arena.PostgresId], IsHere = true };
        Contestant Whole(string name, Func<CancellationToken, Task<long>> pass) => Of(name, async (time, stop) =>
        {
            var (start, events) = (Stopwatch.GetTimestamp(), 0L);
            while (Stopwatch.GetElapsedTime(start) < time)
                events += await pass(stop);
            return events;
        });

        return new Prepared(
            new Contest(
                "events/s",
                [
                    Of("appends, no tree", (time, stop) => bare.Append(time, stop)),
                    Of("appends, tree kept", async (time, stop) =>
                    {
                        using var sequencer = kept.NewSequencer();
                        await sequencer.StartAsync(stop);
                        var appended = await kept.Append(time, stop);
                        await sequencer.StopAsync(stop);
                        // What is left of its work belongs to these appends.
                        await kept.Sequence(stop);
                        return appended;
                    }),
                    Whole("read and hash", growing.Hash),
                    Whole("sequencer", async stop =>
                    {
                        await growing.Empty(stop);
                        return await growing.Sequence(stop);
                    }),
                    Whole("log verify", grown.Verify),
                    Whole("export verified", _ => Task.Run(() => Verification.Of(file, trusted) is { IsGood: true, TreeSize: { } size } verdict
                        ? size
                        : throw new BenchException("A good export is refused."))),
                ],
                [
                    new Goal("append with the tree", "appends, tree kept", "appends, no tree", 0.95),
                    new Goal("leaves into the tree", "sequencer", "read and hash", null) { LeastRate = 50_000 },
                    new Goal("the log verified", "log verify", "read and hash", null),
                    new Goal("an export verified offline", "export verified", "read and hash", null),
                ])
            {
                Turn = Turn,
                WarmUp = TimeSpan.FromSeconds(2),
            },
            async _ =>
            {
                foreach (var log in (Log[])[bare, kept, growing, grown])
                    await log.DisposeAsync();
            });
    }

    /// <summary>Proofs over a large tree, one after the other, and how long a commit waits for a checkpoint that covers it.</summary>
    public static async Task<Prepared> PrepareProofs(Arena arena, CancellationToken cancel)
    {
        int[] sizes = Environment.GetEnvironmentVariable("EVENTFILES_LONG") is "1" ? [ProvenEvents, LongProvenEvents] : [ProvenEvents];
        var logs = new List<Log>();
        foreach (var size in sizes)
        {
            var log = await Log.Open(arena, string.Create(CultureInfo.InvariantCulture, $"proofs_{size}"), size / Ledger.EventsPerStream, cancel);
            await log.Sequence(cancel);
            logs.Add(log);
        }

        var follower = logs[0].NewSequencer();
        await follower.StartAsync(cancel);
        Contestant Proving(int at)
        {
            var (log, times) = (logs[at], new Times());
            return new Contestant(string.Create(CultureInfo.InvariantCulture, $"proofs at {sizes[at]:N0}"), async (time, stop) =>
            {
                var ids = await log.SomeEvents(stop);
                return await Load.Run(
                    1, time,
                    async _ =>
                    {
                        var start = Stopwatch.GetTimestamp();
                        if (await log.Proofs.Prove(ids[Random.Shared.Next(ids.Count)], 0, stop) is not Inclusion.Proven)
                            throw new BenchException("An event of the tree is not proven.");
                        times.Add(Stopwatch.GetElapsedTime(start));
                    },
                    stop);
            })
            {
                Processes = [arena.PostgresId],
                IsHere = true,
                Times = times,
            };
        }

        var waits = new Times();
        var covered = new Contestant("commits, paced", (time, stop) => Load.Paced(
            PerSecond, time,
            async number =>
            {
                var position = await logs[0].Append(number, stop);
                var committed = Stopwatch.GetTimestamp();
                while (!await logs[0].Covers(position, stop))
                    await Task.Delay(20, stop);
                waits.Add(Stopwatch.GetElapsedTime(committed));
            },
            stop))
        {
            Processes = [arena.PostgresId],
            IsHere = true,
            Times = waits,
        };

        Contestant[] all = [.. sizes.Select((_, at) => Proving(at)), covered];
        return new Prepared(
            new Contest(
                "proofs/s",
                all,
                [
                    .. all[..^1].SelectMany(one => (Goal[])
                    [
                        new TimeGoal($"{one.Name}, p50 in ms", one.Name, 0.50, AtMostMilliseconds: 5),
                        new TimeGoal($"{one.Name}, p99 in ms", one.Name, 0.99, AtMostMilliseconds: 5),
                    ]),
                    new TimeGoal("commit to checkpoint, p99 in ms", covered.Name, 0.99, AtMostMilliseconds: 15_000),
                ])
            {
                Turn = Turn,
            },
            async stop =>
            {
                await follower.StopAsync(stop);
                follower.Dispose();
                foreach (var log in logs)
                    await log.DisposeAsync();
            });
    }

    /// <summary>A log, and what grows and asks the tree over it.</summary>
    private sealed record Log(string Connection, NpgsqlDataSource Database, ServiceProvider Node) : IAsyncDisposable
    {
        public static readonly LogKey Key = LogKey.Of(new SharedSecret("the measurements' own secret, which signs nothing else"));

        private static readonly LogKeySource Keys = new(() => Key);

        public TransparencyLog Proofs { get; } = new(Node.GetRequiredService<EventPool>(), Keys);

        public static async Task<Log> Open(Arena arena, string name, int streams, CancellationToken cancel)
        {
            var connection = await arena.NewDatabase(name, cancel);
            var database = LimitServer.Database(connection);
            if (streams > 0)
                await Ledger.Fill(database, streams, cancel);
            return new Log(connection, database, Ledger.Node(connection, views => views.AddMemoryReadModels()));
        }

        public Sequencer NewSequencer() => new(
            Node.GetRequiredService<EventPool>(), Node.GetRequiredService<HighWater>(), Keys, TransparencyOptions.Default, TimeProvider.System,
            NullLogger<Sequencer>.Instance);

        public Task<double> Append(TimeSpan time, CancellationToken cancel) =>
            Load.Run(Load.AtOnce, time, async _ => await Append(Random.Shared.Next(Streams), cancel), cancel);

        public Task<long> Append(int stream, CancellationToken cancel) =>
            Ledger.Append(Node.GetRequiredService<IStreams>(), Ledger.Stream(stream), cancel);

        /// <summary>Until everything that stands is in the tree.</summary>
        /// <returns>How many leaves that were.</returns>
        public async Task<long> Sequence(CancellationToken cancel)
        {
            var last = await Ask("select coalesce(max(seq_id), 0) from mt_events", cancel);
            while (!await Node.GetRequiredService<HighWater>().Passes(last - 1, TimeSpan.FromSeconds(10), cancel))
            {
            }

            using var sequencer = NewSequencer();
            var leaves = 0L;
            while (await sequencer.Advance(cancel) is > 0 and var some)
                leaves += some;
            // In a tree that grew by and by the database has long known how large it is.
            await Do("analyze eventfiles.log_leaves, eventfiles.log_tiles, eventfiles.log_checkpoints", cancel);
            return leaves;
        }

        public Task Empty(CancellationToken cancel) => Do(EmptySql, cancel);

        public async Task<long> Verify(CancellationToken cancel)
        {
            var verdict = await new LogVerification(Database, Key, null).Run([], null, (_, _) => { }, cancel);
            return verdict.IsGood ? verdict.Checked : throw new BenchException(verdict.Problem!);
        }

        /// <summary>What nobody who looks at every event can do without.</summary>
        public async Task<long> Hash(CancellationToken cancel)
        {
            await using var command = Database.CreateCommand(EventsSql);
            await using var rows = await command.ExecuteReaderAsync(cancel);
            var count = 0L;
            for (; await rows.ReadAsync(cancel); count++)
                MerkleHash.Leaf(PublicEvent.Leaf(rows));
            return count;
        }

        public async Task<bool> Covers(long position, CancellationToken cancel) =>
            await Ask("select position from eventfiles.log_tree", cancel) >= position;

        public async Task<List<Guid>> SomeEvents(CancellationToken cancel)
        {
            await using var command = Database.CreateCommand("select id from mt_events tablesample system (1) limit 5000");
            await using var rows = await command.ExecuteReaderAsync(cancel);
            var ids = new List<Guid>();
            while (await rows.ReadAsync(cancel))
                ids.Add(rows.GetGuid(0));
            return ids;
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await Database.DisposeAsync();
        }

        private async Task<long> Ask(string sql, CancellationToken cancel)
        {
            await using var command = Database.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync(cancel))!;
        }

        private async Task Do(string sql, CancellationToken cancel)
        {
            await using var command = Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
