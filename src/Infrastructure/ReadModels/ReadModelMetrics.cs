using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>How far the views are, and how far behind.</summary>
internal sealed class ReadModelMetrics
{
    private long lagTicks;

    public ReadModelMetrics(IMeterFactory meters, ReadPosition position, IParkedEvents parked)
    {
        var meter = meters.Create(Tracing.Name);
        meter.CreateObservableGauge(
            "eventfiles.projection.applied_position", () => position.Applied, null, "The log's position that every view shows.");
        meter.CreateObservableGauge(
            "eventfiles.projection.lag", () => Lag.TotalSeconds, "s", "How old the last event was when the views took it; 0 when idle.");
        meter.CreateObservableGauge(
            "eventfiles.projection.waiting_readers", () => position.Waiting, null, "Requests that wait to read their own write.");
        meter.CreateObservableCounter(
            "eventfiles.parked_events", () => parked.Count, null, "Events that a subscriber could not take.");
    }

    public TimeSpan Lag
    {
        get => new(Interlocked.Read(ref lagTicks));
        set => Interlocked.Exchange(ref lagTicks, value.Ticks);
    }
}
