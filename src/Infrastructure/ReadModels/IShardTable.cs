namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Where operators' wishes wait for the node that can fulfil them, and where it reports: a row for each projection.
/// Commands and the operator's API see the other side, <see cref="ProjectionRegister"/>.
/// </summary>
internal interface IShardTable
{
    /// <summary>Makes the rows that are missing.</summary>
    Task Enroll(IReadOnlyCollection<string> projections, CancellationToken cancel);

    Task<IReadOnlyDictionary<string, ShardWishes>> Read(CancellationToken cancel);

    /// <summary>How these projections stand on this node.</summary>
    Task Report(IReadOnlyCollection<ShardReport> reports, CancellationToken cancel);

    /// <summary>The rebuild that was asked for at that time has begun; what former comparisons found is forgotten.</summary>
    Task Began(string projection, DateTimeOffset askedAt, CancellationToken cancel);

    /// <summary>Both generations stand at the same place and were compared.</summary>
    Task Compared(string projection, Verdict verdict, CancellationToken cancel);

    /// <summary>The rebuild is over, its wish fulfilled.</summary>
    /// <param name="live">The generation that readers see.</param>
    Task Ended(string projection, int live, CancellationToken cancel);

    /// <summary>The rebuild is over, its wish withdrawn: readers see what was made before, and nobody shall take it for new.</summary>
    /// <param name="live">The generation that readers see.</param>
    Task Discarded(string projection, int live, CancellationToken cancel);

    /// <summary>The parked events were tried again.</summary>
    Task Retried(string projection, CancellationToken cancel);
}

/// <summary>What operators wish of one projection.</summary>
/// <param name="IsPaused">It takes no events; readers see what it has.</param>
/// <param name="Rebuild">What shall follow a rebuild; null when none is asked for.</param>
/// <param name="AskedAt">When it was asked for: it tells one wish from the next.</param>
/// <param name="BegunFor">The wish that was begun with last.</param>
/// <param name="IsSwitchAsked">The shadow shall serve, whatever the difference.</param>
/// <param name="IsDiscardAsked">The shadow shall go.</param>
/// <param name="Compare">Compare anew, and whether values may be written down; null when nobody asked.</param>
/// <param name="IsRetryAsked">Parked events shall be tried again.</param>
/// <param name="StoodAt">Where the live views were when that was last reported.</param>
internal sealed record ShardWishes(
    bool IsPaused, AfterRebuild? Rebuild, DateTimeOffset? AskedAt, DateTimeOffset? BegunFor, bool IsSwitchAsked,
    bool IsDiscardAsked, ComparedHow? Compare, bool IsRetryAsked, long StoodAt);

/// <summary>What follows when a shadow has caught up.</summary>
internal enum AfterRebuild
{
    /// <summary>It takes the live generation's place.</summary>
    Switch,

    /// <summary>If it differs, it waits for an operator.</summary>
    Diff,
}

/// <summary>What a comparison writes down of each difference.</summary>
internal enum ComparedHow { Paths, Values }

/// <summary>How a projection stands.</summary>
/// <param name="Target">Where the log stood when it was looked at last.</param>
/// <param name="Rate">Positions per second of what is catching up; null when nothing is.</param>
/// <param name="Error">Why it does not move, without personal values; null when it does.</param>
internal sealed record ShardReport(
    string Projection, ShardState State, int Version, int Live, int? Shadow, long Position, long? ShadowPosition,
    long Target, double? Rate, string? Error);

/// <summary>How a projection stands, in one word.</summary>
internal enum ShardState
{
    /// <summary>The live views have not reached the log.</summary>
    Building,

    /// <summary>The live views follow the log.</summary>
    Live,

    /// <summary>As an operator wished.</summary>
    Paused,

    /// <summary>A shadow is catching up.</summary>
    Rebuilding,

    /// <summary>A shadow has caught up and is being compared.</summary>
    Comparing,

    /// <summary>A shadow waits for the operator's word.</summary>
    Compared,

    /// <summary>It cannot go on, and keeps trying.</summary>
    Failing,
}
