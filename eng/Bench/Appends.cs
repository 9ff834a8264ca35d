using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Bench;

/// <summary>Events appended to existing streams, one to a transaction, against the same rows written by hand.</summary>
internal static class Appends
{
    private const int StreamsPerTask = 50;

    // Everything that an event's rows hold, the headers too, in one round trip; what was expected is checked by nobody.
    private const string RaiseStream = "update public.mt_streams set version = version + 1, timestamp = $1 where id = $2";

    private const string MakeStream =
        "insert into public.mt_streams (id, version, timestamp, created, tenant_id) values ($2, 1, $1, $1, $3)";

    private const string AddEvent =
        """
        insert into public.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, headers)
        values (nextval('public.mt_events_sequence'), $1, $2, $3, $4, $5, $6, $7, $8)
        """;

    private static readonly Decider<Add, Sum, Added> Counting = new(
        new Sum(0), (sum, added) => new Sum(sum.Total + added.Amount), (_, add, _) => new Added(add.Amount, "an event of ordinary size", add.Amount));

    private static readonly int[] Tasks = [1, 8, 32];

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var connection = await arena.Postgres(cancel);
        await using (var database = NpgsqlDataSource.Create(connection))
            await EventStoreSchema.Migrate(database, null, cancel);
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(new Slices([new Slice("bench").Stores<Added>("bench.added.v1")]))
            .AddEventStore(connection)
            .BuildServiceProvider();
        var streams = services.GetRequiredService<IStreams>();
        var database32 = LimitServer.Database(connection);
        var raw = new RawAppends(database32);

        Contestant Of(string name, Func<TimeSpan, CancellationToken, Task<double>> work) =>
            new(name, work) { Processes = [arena.PostgresId], IsHere = true };

        // Existing streams and new ones: a new one costs an insert in place of an update.
        Contestant Existing(string name, int tasks, Func<StreamId[][], TimeSpan, CancellationToken, Task<double>> work)
        {
            var names = Names(name, tasks);
            var isMade = false;
            return Of(name, async (time, stop) =>
            {
                if (!isMade)
                    await Task.WhenAll(names.SelectMany(all => all).Select(stream => Append(streams, stream, stop)));
                isMade = true;
                return await work(names, time, stop);
            });
        }

        return new Prepared(
            new Contest(
                "events/s",
                [
                    .. Tasks.SelectMany(tasks => (Contestant[])
                    [
                        Existing($"raw SQL, {tasks} tasks", tasks, raw.Run),
                        Existing($"Transact, {tasks} tasks", tasks, (names, time, stop) => Through(streams, names, time, stop)),
                        Of($"raw SQL, new, {tasks} tasks", (time, stop) => Load.Run(
                            tasks, time, async _ => await raw.Append(NewStream(), 1, stop), stop)),
                        Of($"Transact, new, {tasks} tasks", (time, stop) => Load.Run(
                            tasks, time, async _ => await Append(streams, NewStream(), stop, isNew: true), stop)),
                    ]),
                ],
                [
                    .. Tasks.SelectMany(tasks => (Goal[])
                    [
                        new Goal($"append, {tasks} tasks", $"Transact, {tasks} tasks", $"raw SQL, {tasks} tasks", 0.9),
                        new Goal($"append to new streams, {tasks} tasks", $"Transact, new, {tasks} tasks", $"raw SQL, new, {tasks} tasks", 0.9),
                    ]),
                ])
            {
                WarmUp = TimeSpan.FromSeconds(2),
            },
            // Their connections would be missed by whoever comes next.
            async _ =>
            {
                await services.DisposeAsync();
                await database32.DisposeAsync();
            });
    }

    private static StreamId NewStream() =>
        new($"bench-{Guid.CreateVersion7()}", new AccountId(Guid.CreateVersion7()));

    private static StreamId[][] Names(string contestant, int tasks)
    {
        var tenant = new AccountId(Guid.CreateVersion7());
        var prefix = contestant.Replace(' ', '_');
        return
        [
            .. Enumerable.Range(0, tasks).Select(task => Enumerable.Range(0, StreamsPerTask).Select(number =>
                new StreamId(string.Create(CultureInfo.InvariantCulture, $"bench-{prefix}-{task}-{number}"), tenant)).ToArray()),
        ];
    }

    private static Task<double> Through(IStreams streams, StreamId[][] names, TimeSpan time, CancellationToken cancel)
    {
        var turns = new int[names.Length];
        return Load.Run(
            names.Length, time, async task => await Append(streams, names[task][turns[task]++ % StreamsPerTask], cancel), cancel);
    }

    // Whoever has only just made an id knows that its stream is new, and can say so.
    private static async Task Append(IStreams streams, StreamId stream, CancellationToken cancel, bool isNew = false)
    {
        var answer = await streams.Transact<Done>(
            async transaction =>
            {
                if (isNew)
                    transaction.ExpectNew(stream);
                return await transaction.Decide(stream, Counting, new Add(1)) is { } no ? no : default(Done);
            },
            cancel);
        if (answer is not Answer<Done>.Yes { Position: > 0 })
            throw new BenchException("An event was not appended.");
    }

    private sealed record Add(int Amount);

    private sealed record Sum(long Total);

    internal sealed record Added(int Amount, string Note, int Balance);

    private sealed class RawAppends(NpgsqlDataSource database)
    {
        private readonly Dictionary<string, long> versions = new(StringComparer.Ordinal);

        public Task<double> Run(StreamId[][] names, TimeSpan time, CancellationToken cancel)
        {
            var turns = new int[names.Length];
            lock (versions)
            {
                foreach (var stream in names.SelectMany(all => all))
                    versions.TryAdd(stream.Name, 1);
            }

            return Load.Run(
                names.Length, time,
                async task =>
                {
                    var stream = names[task][turns[task]++ % StreamsPerTask];
                    long version;
                    lock (versions)
                        version = ++versions[stream.Name];
                    await Append(stream, version, cancel);
                },
                cancel);
        }

        /// <summary>The stream is made when the version is 1.</summary>
        public async Task Append(StreamId stream, long version, CancellationToken cancel)
        {
            var now = DateTimeOffset.UtcNow;
            await using var batch = database.CreateBatch();
            var first = new NpgsqlBatchCommand(version == 1 ? MakeStream : RaiseStream)
            {
                Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = now }, new NpgsqlParameter<string> { TypedValue = stream.Name } },
            };
            if (version == 1)
                first.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Tenant.ToString() });
            batch.BatchCommands.Add(first);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(AddEvent)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() },
                    new NpgsqlParameter<string> { TypedValue = stream.Name },
                    new NpgsqlParameter<long> { TypedValue = version },
                    new NpgsqlParameter<byte[]>
                    {
                        TypedValue = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Added(1, "an event of ordinary size", 1)),
                        NpgsqlDbType = NpgsqlDbType.Jsonb,
                    },
                    new NpgsqlParameter<string> { TypedValue = "bench.added.v1" },
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                    new NpgsqlParameter<string> { TypedValue = stream.Tenant.ToString() },
                    new NpgsqlParameter<byte[]> { TypedValue = EventHeaders.Of(Origin.Current), NpgsqlDbType = NpgsqlDbType.Jsonb },
                },
            });
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }
}
