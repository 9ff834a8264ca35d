using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Tests.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Lag;

/// <summary>How far readers are behind is seen, and said once when it is too far.</summary>
public sealed class LagTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly Logged log = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private Store store = null!;
    private LagReader lag = null!;
    private Task following = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        store = new Store(await postgres.CreateDatabase());
        lag = new LagReader(store.Database);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await store.DisposeAsync();
        await services.DisposeAsync();
        stopping.Dispose();
    }

    [Fact]
    public async Task Each_reader_is_so_many_events_and_seconds_behind_and_the_farthest_comes_first()
    {
        for (var number = 0; number < 3; number++)
            await store.Write("note-1", $"{number}");
        await PostgresFixture.AsOwner(
            store.ConnectionString,
            """
            update mt_events set timestamp = now() - interval '1 hour' * (4 - seq_id);
            insert into eventfiles.projection_shards (name, position, paused) values ('there', 3, false), ('behind', 1, false), ('paused', 0, true)
            """);

        var seen = await lag.Read([("Relay", 0)], Cancel);

        Assert.Equal([("Relay", 3L), ("behind", 2L), ("there", 0L)], seen.Readers.Select(one => (one.Reader, one.Events)));
        Assert.InRange(seen.Readers[0].Seconds, 3 * 3600, (3 * 3600) + 600);
        Assert.InRange(seen.Readers[1].Seconds, 2 * 3600, (2 * 3600) + 600);
        Assert.Equal(0, seen.Readers[2].Seconds);
        Assert.Equal("Relay", seen.Late(TimeSpan.FromHours(2))?.Reader);
        Assert.Null(seen.Late(TimeSpan.FromHours(4)));
        Assert.Null(seen.OldestWriter);
    }

    // As an operator leaves a prompt open, or a program hangs: it has drawn a number and neither commits nor goes away.
    [Fact]
    public async Task A_transaction_left_open_raises_the_alarm_and_its_end_clears_it()
    {
        following = Follow();
        var before = (await store.Write("note-1", "before")).EventPosition;
        await Wait.Until(() => store.Readers.Positions.Any(one => one.Position >= before), "the settled log");
        await using var other = new NpgsqlConnection(store.ConnectionString + ";Pooling=false");
        await other.OpenAsync(Cancel);
        await using (var draw = new NpgsqlCommand(
            """
            begin; set local idle_in_transaction_session_timeout = 0;
            insert into mt_streams (id, version) values ('note-slow', 1); select nextval('mt_events_sequence')
            """, other))
        {
            await draw.ExecuteNonQueryAsync(Cancel);
        }

        using var watch = await Watch(TimeSpan.FromMilliseconds(200));
        await store.Write("note-1", "after");
        await Wait.Until(() => watch.Alarm is not null, "the alarm");
        Assert.Contains("settled is ", watch.Alarm, StringComparison.Ordinal);
        Assert.Contains($"process {other.ProcessID}, idle in transaction", watch.Alarm, StringComparison.Ordinal);
        Assert.Equal(1, Measured("eventfiles.lag_alarm"));
        Assert.InRange(Measured("eventfiles.reader.lag"), 0.2, 3600);
        Assert.InRange(Measured("eventfiles.reader.lag_events"), 1, 10);
        Assert.InRange(Measured("eventfiles.log.oldest_writer"), 0.2, 3600);

        // The limit that every session of ours has, only shorter: PostgreSQL ends the session.
        await using (var limit = new NpgsqlCommand("set local idle_in_transaction_session_timeout = '50ms'", other))
            await limit.ExecuteNonQueryAsync(Cancel);
        await Wait.Until(() => log.Lines.Count(line => line.Level == LogLevel.Warning) > 1, "the end of the alarm is told");

        Assert.Null(watch.Alarm);
        Assert.Equal(0, Measured("eventfiles.lag_alarm"));
        Assert.Equal(0, Measured("eventfiles.reader.lag_events"));
        Assert.Equal(
            ["Readers are late: ", "Readers are no longer late"],
            log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text[..Math.Min(26, line.Text.Length)].Split("settled")[0]));
        await watch.StopAsync(Cancel);
    }

    [Fact]
    public async Task Before_readers_have_caught_up_after_the_start_nobody_is_late()
    {
        await store.Write("note-1", "old");
        await PostgresFixture.AsOwner(
            store.ConnectionString, "update mt_events set timestamp = now() - interval '1 day'; insert into eventfiles.projection_shards (name) values ('notes')");
        var readers = new ReadPosition(TimeProvider.System);
        var time = new CountingTime();
        using var watch = await Watch(TimeSpan.FromSeconds(30), readers, time);
        await Wait.Until(() => time.Waits > 5, "a few looks");
        Assert.Null(watch.Alarm);

        readers.CatchUp();
        await Wait.Until(() => watch.Alarm is not null, "the alarm of a projection that stays behind");
        Assert.StartsWith("notes is ", watch.Alarm, StringComparison.Ordinal);
        await watch.StopAsync(Cancel);
    }

    private async Task<LagWatch> Watch(TimeSpan alarm, ReadPosition? readers = null, TimeProvider? time = null)
    {
        if (readers is null)
        {
            readers = new ReadPosition(TimeProvider.System);
            readers.CatchUp();
        }

        var watch = new LagWatch(
            lag, store.Readers, readers, new LagOptions(alarm, TimeSpan.FromMilliseconds(20)),
            services.GetRequiredService<IMeterFactory>(), time ?? TimeProvider.System,
            LoggerFactory.Create(logging => logging.AddProvider(log)).CreateLogger<LagWatch>());
        await watch.StartAsync(Cancel);
        return watch;
    }

    private double Measured(string gauge)
    {
        var measured = double.NaN;
        var meters = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Name == gauge && ReferenceEquals(instrument.Meter.Scope, meters))
                    to.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured = value);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured = value);
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => measured = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    /// <summary>Knows how often somebody began to wait.</summary>
    private sealed class CountingTime : TimeProvider
    {
        private int waits;

        public int Waits => Volatile.Read(ref waits);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref waits);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private async Task Follow()
    {
        for (var position = 0L; ;)
            position = (await store.Feed.After(position, 100, null, TimeSpan.FromSeconds(1), stopping.Token)).Upto;
    }
}
