namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Every committed event exactly once and in order of position, whatever transactions are slow, rolled back or killed.
/// </summary>
internal interface IEventFeed
{
    /// <summary>
    /// The next events after <paramref name="position"/>. When there are none it waits for a commit, at most
    /// <paramref name="wait"/>, and may come back empty.
    /// </summary>
    /// <param name="facts">Only events of these types, <see cref="Unreadable"/> ones included; null for all.</param>
    Task<FeedPage> After(
        long position, int limit, IReadOnlySet<Type>? facts, TimeSpan wait, CancellationToken cancel);

    /// <summary>
    /// The highest position that is committed now; 0 when the log is empty. It may not be settled yet: an empty page of
    /// <see cref="After"/> does not tell that this has been reached.
    /// </summary>
    Task<long> Last(CancellationToken cancel);
}

/// <summary>A stretch of the log.</summary>
/// <param name="Events">In order of position.</param>
/// <param name="Upto">Everything up to here has been seen; where to go on. May exceed the last event's position.</param>
internal sealed record FeedPage(IReadOnlyList<RecordedEvent> Events, long Upto);

/// <summary>
/// Stands in a page where a fact should: what the log holds there cannot be read as one, because it is damaged or because
/// an upcaster fails on it. Whoever would have taken the fact parks the event.
/// </summary>
/// <param name="Fact">What should stand there.</param>
internal sealed record Unreadable(Type Fact, Exception Why)
{
    /// <summary>The fact of which an event tells, readable or not.</summary>
    public static Type FactOf(RecordedEvent happened) =>
        happened.Fact is Unreadable broken ? broken.Fact : happened.Fact.GetType();
}

/// <summary>How far a subscription has come; kept in <c>mt_event_progression</c>.</summary>
internal interface ICheckpoints
{
    /// <summary>0 when it never moved.</summary>
    Task<long> Load(string name, CancellationToken cancel);

    /// <summary>Moves it from <paramref name="from"/> to <paramref name="to"/>; false when another node moved it first.</summary>
    Task<bool> Move(string name, long from, long to, CancellationToken cancel);
}
