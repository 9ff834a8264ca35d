using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>What waits, runs, fails and is given up, by kind of work.</summary>
internal sealed class MessagingMetrics
{
    private readonly Meter meter;
    private readonly Counter<long> retries;
    private readonly Counter<long> givenUp;

    private int deadLetters;
    private RelayProgress? relay;
    private IReadOnlyDictionary<string, BrokerDepth>? depths;

    public MessagingMetrics(IMeterFactory meters)
    {
        meter = meters.Create(Tracing.Name);
        retries = meter.CreateCounter<long>("eventfiles.work.retries", null, "Failed tries that are followed by another.");
        givenUp = meter.CreateCounter<long>("eventfiles.work.given_up", null, "Work that became a dead letter.");
        meter.CreateObservableGauge(
            "eventfiles.work.dead_letters", () => Volatile.Read(ref deadLetters), null, "Dead letters that wait for an operator.");
        meter.CreateObservableGauge(
            "eventfiles.relay.checkpoint", () => OfRelay(progress => progress.Safe), null, "The position below which all work is done.");
        meter.CreateObservableGauge(
            "eventfiles.relay.outstanding", () => OfRelay(progress => progress.Outstanding), null, "Events whose work is not done.");
        meter.CreateObservableGauge(
            "eventfiles.work.queue_depth",
            () => (Volatile.Read(ref depths) ?? new Dictionary<string, BrokerDepth>(StringComparer.Ordinal)).Select(depth => new Measurement<long>(depth.Value.Ready, Kind(depth.Key))),
            null, "Work that waits at the broker.");
    }

    public void Watch(IReadOnlyDictionary<string, WorkLane> lanes)
    {
        meter.CreateObservableGauge(
            "eventfiles.work.queue_length", () => ByKind(lanes, lane => lane.Waiting), null, "Work that waits on this node, retries included.");
        meter.CreateObservableGauge(
            "eventfiles.work.running", () => ByKind(lanes, lane => lane.Running), null, "Work that runs now.");
    }

    /// <summary>How many events are handed over whose work is not done, or not confirmed.</summary>
    public int Outstanding => Volatile.Read(ref relay)?.Outstanding ?? 0;

    /// <summary>What the relay does now; it begins anew when this node's turn comes again.</summary>
    public void Watch(RelayProgress progress) => Volatile.Write(ref relay, progress);

    public void Watch(Deadlines deadlines) => meter.CreateObservableGauge(
        "eventfiles.deadlines.under_way", () => deadlines.UnderWay, null, "Due work that is handed over and not done.");

    /// <summary>What waits at the broker, as this node saw it last.</summary>
    public void Saw(IReadOnlyDictionary<string, BrokerDepth>? seen) => Volatile.Write(ref depths, seen);

    public void SawDeadLetters(int count) => Volatile.Write(ref deadLetters, count);

    public void Retried(string kind) => retries.Add(1, Kind(kind));

    public void GaveUp(string kind) => givenUp.Add(1, Kind(kind));

    private static IEnumerable<Measurement<int>> ByKind(IReadOnlyDictionary<string, WorkLane> lanes, Func<WorkLane, int> measure) =>
        lanes.Select(lane => new Measurement<int>(measure(lane.Value), Kind(lane.Key)));

    private IEnumerable<Measurement<long>> OfRelay(Func<RelayProgress, long> measure) =>
        Volatile.Read(ref relay) is { } progress ? [new Measurement<long>(measure(progress))] : [];

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}
