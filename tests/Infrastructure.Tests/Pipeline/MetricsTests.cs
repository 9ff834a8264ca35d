using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Pipeline;

public sealed class MetricsTests
{
    [Fact]
    public async Task An_operator_sees_positions_queues_retries_and_dead_letters()
    {
        var feed = new MemoryFeed(TimeProvider.System);
        feed.Append(new Placed("1", "top", "a"));
        await using var node = new Node(feed, settings: new MessagingSettings
        {
            UnexpectedTries = 2,
            FirstRetry = TimeSpan.FromMilliseconds(1),
        });
        var measured = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        var factory = node.Get<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter.Name == Tracing.Name && ReferenceEquals(instrument.Meter.Scope, factory))
                to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();

        node.Duty.Do = (_, _) => throw new FormatException("A bug.");
        await node.Start();
        await Wait.Until(async () => (await node.DeadLetters.List(10, TestContext.Current.CancellationToken)).Count == 1, "the dead letter");
        await node.Hosted<SecondChances>().Look(TestContext.Current.CancellationToken);
        listener.RecordObservableInstruments();

        Assert.Equal(1, measured["eventfiles.work.retries"]);
        Assert.Equal(1, measured["eventfiles.work.given_up"]);
        Assert.Equal(1, measured["eventfiles.work.dead_letters"]);
        Assert.Equal(feed.Head, measured["eventfiles.projection.applied_position"]);
        Assert.Contains("eventfiles.projection.lag", measured.Keys);
        Assert.Contains("eventfiles.work.queue_length", measured.Keys);
        Assert.Contains("eventfiles.work.running", measured.Keys);
        Assert.Contains("eventfiles.relay.checkpoint", measured.Keys);
    }
}
