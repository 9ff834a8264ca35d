using System.Diagnostics.Metrics;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>What the event store counts.</summary>
internal static class EventStoreMeter
{
    /// <summary>The meter's name, for whoever collects.</summary>
    public const string Name = "EventFiles.EventStore";

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Appended = Meter.CreateCounter<long>(
        "eventfiles.events.appended", "{event}", "Events appended by this process.");

    public static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "eventfiles.append.conflicts", "{conflict}", "Attempts that another writer overtook.");

    /// <summary>Shows how far the log is settled, until what is returned is disposed of.</summary>
    /// <param name="settled">The position up to which the log can no longer change.</param>
    /// <param name="stalledFor">How long readers have been waiting at a gap for open transactions; zero when for none.</param>
    public static IDisposable Observe(Func<long> settled, Func<TimeSpan> stalledFor)
    {
        var meter = new Meter(Name);
        meter.CreateObservableGauge(
            "eventfiles.feed.settled", settled, "{position}", "The position up to which the log can no longer change.");
        meter.CreateObservableGauge(
            "eventfiles.feed.stalled", () => stalledFor().TotalSeconds, "s",
            "How long readers have waited at a gap for open transactions.");
        return meter;
    }
}
