namespace EventFiles.Features.Scan;

/// <summary>What the scanner said of a file's versions. Stored for ever: add cases, never change one. The owner is the stream's tenant.</summary>
public abstract record ScanEvent
{
    private ScanEvent() { }

    /// <summary>All of it was looked at, and nothing found.</summary>
    /// <param name="Signatures">Who looked, with which signatures.</param>
    public sealed record Passed(FileId File, int Version, string Signatures) : ScanEvent
    {
        /// <summary>When the search was ordered that this was part of; null when it was the version's own.</summary>
        public DateTimeOffset? OrderedAt { get; init; }
    }

    /// <summary>Something was found: nobody opens it from here on.</summary>
    /// <param name="Threat">The signature's name.</param>
    /// <param name="Signatures">Who looked, with which signatures.</param>
    public sealed record Found(FileId File, int Version, string Threat, string Signatures) : ScanEvent
    {
        /// <summary>When the search was ordered that this was part of; null when it was the version's own.</summary>
        public DateTimeOffset? OrderedAt { get; init; }
    }

    /// <summary>It could not be looked at, which is not the same as clean.</summary>
    /// <param name="Code">Why: <c>too-large</c>, <c>too-slow</c>, <c>refused</c>.</param>
    /// <param name="Signatures">Who could not, with which signatures.</param>
    public sealed record NotScannable(FileId File, int Version, string Code, string Signatures) : ScanEvent
    {
        /// <summary>When the search was ordered that this was part of; null when it was the version's own.</summary>
        public DateTimeOffset? OrderedAt { get; init; }
    }

    /// <summary>
    /// Nobody had looked within the time there is for it: the scanner is away, or has too much to do. It is looked at all the
    /// same as soon as it can be; until then it is not clean.
    /// </summary>
    /// <param name="Holds">By the policy of then, nothing is made of it until somebody has looked.</param>
    public sealed record Overdue(FileId File, int Version, bool Holds) : ScanEvent;

    /// <summary>An administrator opened it in spite of the verdict. It stands until the scanner finds something else.</summary>
    /// <param name="Threat">What had been found; null when it could not be looked at.</param>
    public sealed record Released(FileId File, int Version, string? Threat, AccountId By, [Personal(Of = PersonalOf.Actor)] string Reason) : ScanEvent;
}
