namespace EventFiles.Features.Vocabulary;

/// <summary>The projections, as their operators see them. Wishes are written down here; the node that can fulfils them.</summary>
public interface IProjections
{
    /// <summary>All of them, by name.</summary>
    Task<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancel);

    /// <summary>
    /// Writes down a wish for projections that exist. What is so already, or under way, is left alone.
    /// </summary>
    Task Ask(IReadOnlyCollection<string> names, ProjectionWish wish, CancellationToken cancel);

    /// <summary>How the shadow differs, as the last comparison found it; null when none was made since the last rebuild began.</summary>
    Task<ProjectionDiff?> Diff(string name, CancellationToken cancel);

    /// <summary>The events that subscribers could not take, oldest first.</summary>
    Task<IReadOnlyList<ParkedStatus>> Parked(CancellationToken cancel);
}

/// <summary>What an operator may wish of a projection.</summary>
public enum ProjectionWish
{
    /// <summary>Build it anew beside the live views, and then show that.</summary>
    Rebuild,

    /// <summary>Build it anew, and if it differs wait for <see cref="Switch"/> or <see cref="Discard"/>.</summary>
    RebuildAndCompare,

    /// <summary>Show what was built.</summary>
    Switch,

    /// <summary>Throw away what was built, or is being built.</summary>
    Discard,

    /// <summary>Compare again.</summary>
    Compare,

    /// <summary>Compare again and write down the values too, which may be personal.</summary>
    CompareWithValues,

    /// <summary>Forget the values that were written down.</summary>
    ForgetValues,

    /// <summary>Take no events until resumed. Readers see the views as they are.</summary>
    Pause,

    /// <summary>Take events again, from where it was paused.</summary>
    Resume,

    /// <summary>Try the parked events again.</summary>
    RetryParked,
}

/// <summary>How a projection stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">
/// building, live, paused, rebuilding, comparing, compared (a shadow waits for the operator's word), failing, or unheld
/// when no node has reported for a while.
/// </param>
/// <param name="Paused">An operator paused it.</param>
/// <param name="Version">The version of the projection that made the live views.</param>
/// <param name="Generation">Which run over the log readers see.</param>
/// <param name="Shadow">Which run is being built or compared, if any.</param>
/// <param name="Position">The log's position that the live views show.</param>
/// <param name="ShadowPosition">The log's position that the shadow has reached.</param>
/// <param name="Target">Where the log stood.</param>
/// <param name="EventsPerSecond">How fast what is behind catches up.</param>
/// <param name="SecondsLeft">When it will have caught up at that rate.</param>
/// <param name="Parked">How many events of the live views are parked.</param>
/// <param name="Retrying">The parked events are to be tried again.</param>
/// <param name="Comparing">A new comparison is asked for.</param>
/// <param name="Rebuild">What is asked to follow when the shadow has caught up: switch or diff; null when no rebuild is under way.</param>
/// <param name="BegunAt">When the last rebuild was asked for; null when it was discarded.</param>
/// <param name="EndedAt">When the last rebuild ended.</param>
/// <param name="ComparedAt">The position at which shadow and live views were compared last.</param>
/// <param name="LiveDigest">Of the live views then.</param>
/// <param name="ShadowDigest">Of the shadow then.</param>
/// <param name="Differences">How many views differed then.</param>
/// <param name="Error">Why it does not move.</param>
/// <param name="Node">Who reported last.</param>
/// <param name="ReportedAt">When.</param>
public sealed record ProjectionStatus(
    string Name, string State, bool Paused, int Version, int Generation, int? Shadow, long Position, long? ShadowPosition,
    long Target, double? EventsPerSecond, double? SecondsLeft, int Parked, bool Retrying, bool Comparing, string? Rebuild, DateTimeOffset? BegunAt,
    DateTimeOffset? EndedAt, long? ComparedAt, string? LiveDigest, string? ShadowDigest, int? Differences, string? Error,
    string? Node, DateTimeOffset? ReportedAt);

/// <summary>How a shadow differs from the live views.</summary>
/// <param name="ComparedAt">The position at which both stood.</param>
/// <param name="LiveDigest">SHA-256 over all live views and their places in indexes.</param>
/// <param name="ShadowDigest">The same of the shadow: equal when nothing differs.</param>
/// <param name="Count">How many views differ.</param>
/// <param name="Items">The first thousand of them, by key.</param>
public sealed record ProjectionDiff(
    long ComparedAt, string LiveDigest, string ShadowDigest, int Count, IReadOnlyList<ViewDiff> Items);

/// <summary>One view that differs.</summary>
/// <param name="Key">The view's key: an id.</param>
/// <param name="Paths">JSON pointers to what differs; none when one side has no such view.</param>
/// <param name="Live">The live view; null when there is none.</param>
/// <param name="Shadow">The shadow's; null when there is none.</param>
public sealed record ViewDiff(string Key, IReadOnlyList<string> Paths, ViewSide? Live, ViewSide? Shadow);

/// <summary>A view on one side of a comparison.</summary>
/// <param name="Hash">Tells values apart within one comparison, and nothing of them.</param>
/// <param name="Position">Of the event that changed the view last.</param>
/// <param name="Event">That event's stored name.</param>
/// <param name="Stream">That event's stream.</param>
/// <param name="Value">The view as JSON, when an operator asked for values at the command line.</param>
public sealed record ViewSide(string Hash, long Position, string? Event, string? Stream, string? Value);

/// <summary>An event that a subscriber could not take.</summary>
/// <param name="Subscriber">A projection's name, or Relay.</param>
/// <param name="Generation">Of the projection's views.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="Stream">Its stream, whose later events wait behind it.</param>
/// <param name="Event">Its stored name.</param>
/// <param name="Behind">How many later events of the stream there are.</param>
/// <param name="Error">What went wrong and where.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="At">When it was tried last.</param>
public sealed record ParkedStatus(
    string Subscriber, int Generation, long Position, string Stream, string Event, long Behind, string Error, int Tries,
    DateTimeOffset At);
