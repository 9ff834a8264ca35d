namespace EventFiles.Features.Export;

/// <summary>
/// What happened to the exports of one person. Stored for ever: add cases, never change one. The person is the stream's
/// tenant.
/// </summary>
public abstract record ExportEvent
{
    private ExportEvent() { }

    /// <summary>The person wants all that is theirs.</summary>
    /// <param name="Until">When it is given up if nothing more is heard of it.</param>
    /// <param name="NextFrom">Before that no other one is made.</param>
    public sealed record Requested(ExportId Export, DateTimeOffset Until, DateTimeOffset NextFrom) : ExportEvent;

    /// <summary>So much of it is done.</summary>
    /// <param name="Percent">Of what there is to look at.</param>
    /// <param name="Until">When it is given up if nothing more is heard of it.</param>
    public sealed record Progressed(ExportId Export, int Percent, DateTimeOffset Until) : ExportEvent;

    /// <summary>It can be downloaded: what is in it is fixed.</summary>
    /// <param name="Attempt">Whose writing it is made of.</param>
    /// <param name="Position">Its events are those up to here.</param>
    /// <param name="Files">Current files, those in the trash included.</param>
    /// <param name="Versions">Former versions.</param>
    /// <param name="Withheld">Versions that the scanner closed.</param>
    /// <param name="SizeBytes">Of the archive, to the byte.</param>
    /// <param name="ManifestSha256">Lower-case hex over the manifest, which has the digests of all else.</param>
    /// <param name="ExpiresAt">From then on it is gone.</param>
    public sealed record Completed(
        ExportId Export, Guid Attempt, long Position, int Files, int Versions, int Withheld, long SizeBytes,
        [Personal] string ManifestSha256, DateTimeOffset ExpiresAt) : ExportEvent;

    /// <summary>It is over: nothing of it can be downloaded, and what was written for it goes.</summary>
    public sealed record Ended(ExportId Export, ExportEnd Reason) : ExportEvent;
}

/// <summary>Why an export is over.</summary>
public enum ExportEnd
{
    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>The person deleted it.</summary>
    Deleted,

    /// <summary>The person asked for another one.</summary>
    Replaced,

    /// <summary>Something in it was deleted for good since, and so it cannot be had whole.</summary>
    Outdated,

    /// <summary>It did not come to its end in time.</summary>
    Failed,

    /// <summary>There is more than fits into one archive.</summary>
    TooLarge,

    /// <summary>The person is erased.</summary>
    Erased,
}
