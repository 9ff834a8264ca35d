using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Events that a subscriber could not take. All others went on.</summary>
public interface IParkedEvents
{
    /// <summary>How many were parked since the start.</summary>
    long Count { get; }

    /// <summary>The first of them, oldest first; bounded.</summary>
    IReadOnlyList<ParkedEvent> List();
}

/// <summary>An event that a subscriber could not take.</summary>
/// <param name="Subscriber">A projection's name, or the relay's.</param>
/// <param name="Position">The event's place in the log.</param>
/// <param name="StoredName">The event's stored name.</param>
/// <param name="Error">What went wrong, for an operator.</param>
/// <param name="At">When it was parked.</param>
public sealed record ParkedEvent(string Subscriber, long Position, string StoredName, string Error, DateTimeOffset At);

internal sealed partial class ParkedEvents(TimeProvider clock, ILogger<ParkedEvents> log) : IParkedEvents
{
    // The first ones tell the cause; a fold that fails on everything must not fill the memory.
    private const int Kept = 1000;

    private readonly Lock gate = new();
    private readonly List<ParkedEvent> parked = [];
    private long count;

    public long Count => Interlocked.Read(ref count);

    public IReadOnlyList<ParkedEvent> List()
    {
        lock (gate)
            return [.. parked];
    }

    public void Park(string subscriber, RecordedEvent happened, Exception why)
    {
        Interlocked.Increment(ref count);
        Parked(log, why, subscriber, happened.Position, happened.Name);
        lock (gate)
        {
            if (parked.Count < Kept)
                parked.Add(new(subscriber, happened.Position, happened.Name, why.ToString(), clock.GetUtcNow()));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Subscriber} parked the event at {Position} ({StoredName})")]
    private static partial void Parked(ILogger log, Exception why, string subscriber, long position, string storedName);
}
