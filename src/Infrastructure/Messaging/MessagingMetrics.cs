using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>What waits, runs, fails and is given up, by kind of work.</summary>
internal sealed class MessagingMetrics
{
    private readonly Meter meter;
    private readonly Counter<long> retries;
    private readonly Counter<long> givenUp;

    public MessagingMetrics(IMeterFactory meters, DeadLetterBox deadLetters)
    {
        meter = meters.Create(Tracing.Name);
        retries = meter.CreateCounter<long>("eventfiles.work.retries", null, "Failed tries that are followed by another.");
        givenUp = meter.CreateCounter<long>("eventfiles.work.given_up", null, "Work that became a dead letter.");
        meter.CreateObservableGauge(
            "eventfiles.work.dead_letters", () => deadLetters.Count, null, "Dead letters that wait for an operator.");
    }

    public void Watch(IReadOnlyDictionary<string, WorkLane> lanes)
    {
        meter.CreateObservableGauge(
            "eventfiles.work.queue_length", () => ByKind(lanes, lane => lane.Waiting), null, "Work that waits, retries included.");
        meter.CreateObservableGauge(
            "eventfiles.work.running", () => ByKind(lanes, lane => lane.Running), null, "Work that runs now.");
    }

    public void Watch(RelayProgress progress)
    {
        meter.CreateObservableGauge(
            "eventfiles.relay.checkpoint", () => progress.Safe, null, "The position below which all work is done.");
        meter.CreateObservableGauge(
            "eventfiles.relay.outstanding", () => progress.Outstanding, null, "Events whose work is not done.");
    }

    public void Watch(Deadlines deadlines) => meter.CreateObservableGauge(
        "eventfiles.deadlines.under_way", () => deadlines.UnderWay, null, "Due work that is handed over and not done.");

    public void Retried(string kind) => retries.Add(1, Kind(kind));

    public void GaveUp(string kind) => givenUp.Add(1, Kind(kind));

    private static IEnumerable<Measurement<int>> ByKind(IReadOnlyDictionary<string, WorkLane> lanes, Func<WorkLane, int> measure) =>
        lanes.Select(lane => new Measurement<int>(measure(lane.Value), Kind(lane.Key)));

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}
