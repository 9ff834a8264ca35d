using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>The log read back: a short stream, and all of it in exact order, against the same rows by hand.</summary>
internal static class LogReads
{
    private const int Streams = 10_000;
    private const int EventsPerStream = 10;
    private const int PageSize = 2000;

    internal const string Rows =
        """
        select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id,
               e.causation_id, e.data
        from public.mt_events e
        """;

    public static async Task<Prepared> PrepareStreams(Arena arena, CancellationToken cancel)
    {
        var log = await Log.Fill(arena, cancel);
        var reader = log.Services.GetRequiredService<IStreams>();
        Contestant Of(string name, Func<string, CancellationToken, Task<int>> read) => new(name, (time, stop) => Load.Run(
            8, time,
            async _ =>
            {
                if (await read(log.Prefix + Random.Shared.Next(Streams).ToString(CultureInfo.InvariantCulture), stop) != EventsPerStream)
                    throw new BenchException("A stream was not read whole.");
            },
            stop))
        {
            Processes = [arena.PostgresId],
            IsHere = true,
        };

        return new Prepared(
            new Contest(
                "streams/s",
                [
                    Of("raw SELECT", log.Select),
                    Of("Read", async (stream, stop) =>
                    {
                        var count = 0;
                        await foreach (var happened in reader.Read(stream, 0, stop))
                            count++;
                        return count;
                    }),
                ],
                [new Goal("read a stream of 10 events", "Read", "raw SELECT", 0.9)]),
            _ => log.Close());
    }

    public static async Task<Prepared> PrepareAll(Arena arena, CancellationToken cancel)
    {
        var log = await Log.Fill(arena, cancel);
        var feed = log.Services.GetRequiredService<IEventFeed>();
        Contestant Of(string name, Func<CancellationToken, Task<long>> read) => new(name, async (time, stop) =>
        {
            var (start, events) = (System.Diagnostics.Stopwatch.GetTimestamp(), 0L);
            while (System.Diagnostics.Stopwatch.GetElapsedTime(start) < time)
                events += await read(stop);
            return events;
        })
        {
            Processes = [arena.PostgresId],
            IsHere = true,
        };

        return new Prepared(
            new Contest(
                "events/s",
                [
                    Of("COPY out", log.CopyOut),
                    Of("exact feed", async stop =>
                    {
                        var (count, at) = (0L, log.First - 1);
                        while (at < log.Last)
                        {
                            var page = await feed.After(at, PageSize, null, TimeSpan.FromSeconds(10), stop);
                            (count, at) = (count + page.Events.Count, page.Upto);
                        }

                        return count >= Streams * EventsPerStream ? count : throw new BenchException("Events were missed.");
                    }),
                ],
                [new Goal("read all, 100 k events", "exact feed", "COPY out", 0.7)]),
            _ => log.Close());
    }

    /// <summary>A log of 100,000 events over 10,000 streams, written by COPY.</summary>
    internal sealed record Log(ServiceProvider Services, NpgsqlDataSource Database, string Prefix, long First, long Last)
    {
        private const string ByHand = Rows + " where e.stream_id = $1 order by e.version";

        public static async Task<Log> Fill(Arena arena, CancellationToken cancel)
        {
            var connection = await arena.Postgres(cancel);
            var database = LimitServer.Database(connection);
            await EventStoreSchema.Migrate(database, null, cancel);
            var services = new ServiceCollection()
                .AddLogging()
                .AddSingleton(new Slices([new Slice("bench").Stores<Counted>("bench.counted.v1").Stores<Appends.Added>("bench.added.v1")]))
                .AddEventStore(connection)
                .BuildServiceProvider();
            var prefix = $"log-{Guid.NewGuid():n}-";
            await using var fill = database.CreateCommand(
                """
                with streams as (
                    insert into public.mt_streams (id, version, timestamp, tenant_id)
                    select $1 || n, $3, now(), gen_random_uuid() from generate_series(0, $2 - 1) as n returning id, tenant_id)
                insert into public.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
                select nextval('public.mt_events_sequence'), gen_random_uuid(), s.id, v,
                       jsonb_build_object('amount', v, 'note', 'an event of ordinary size', 'balance', v * 100), 'bench.counted.v1', now(), s.tenant_id
                from generate_series(1, $3) as v cross join streams s
                """);
            fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = prefix });
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Streams });
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = EventsPerStream });
            await fill.ExecuteNonQueryAsync(cancel);
            await using var ends = database.CreateCommand(
                "select min(seq_id), max(seq_id) from public.mt_events where stream_id >= $1 and stream_id < $1 || '~'");
            ends.Parameters.Add(new NpgsqlParameter<string> { TypedValue = prefix });
            await using var row = await ends.ExecuteReaderAsync(cancel);
            await row.ReadAsync(cancel);
            return new Log(services, database, prefix, row.GetInt64(0), row.GetInt64(1));
        }

        /// <summary>The rows of one stream, every column taken.</summary>
        public async Task<int> Select(string stream, CancellationToken cancel)
        {
            await using var command = Database.CreateCommand(ByHand);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            var count = 0;
            for (; await rows.ReadAsync(cancel); count++)
            {
                _ = (rows.GetInt64(0), rows.GetGuid(1), rows.GetString(2), rows.GetInt64(3), rows.GetString(4));
                _ = (rows.GetDateTime(5), rows.GetString(6), rows.GetString(10));
            }

            return count;
        }

        /// <summary>The same rows of all streams, as PostgreSQL writes them out fastest.</summary>
        public async Task<long> CopyOut(CancellationToken cancel)
        {
            await using var connection = await Database.OpenConnectionAsync(cancel);
            await using var rows = await connection.BeginBinaryExportAsync(
                string.Create(CultureInfo.InvariantCulture, $"copy ({Rows} where e.seq_id between {First} and {Last} order by e.seq_id) to stdout (format binary)"),
                cancel);
            var count = 0L;
            for (; await rows.StartRowAsync(cancel) >= 0; count++)
            {
                _ = await rows.ReadAsync<long>(cancel);
                _ = await rows.ReadAsync<Guid>(cancel);
                for (var column = 2; column < 11; column++)
                    await rows.SkipAsync(cancel);
            }

            return count;
        }

        public async Task Close()
        {
            await Services.DisposeAsync();
            await Database.DisposeAsync();
        }
    }

    private sealed record Counted(int Amount, string Note, int Balance);
}
