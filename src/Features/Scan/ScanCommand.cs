namespace EventFiles.Features.Scan;

public abstract record ScanCommand
{
    private ScanCommand() { }

    /// <summary>Records what the scanner said.</summary>
    /// <param name="Signatures">Who looked, with which signatures.</param>
    /// <param name="OrderedAt">When the search was ordered that this is part of; null when it is the version's own.</param>
    public sealed record Judge(FileId File, int Version, ScanOutcome Outcome, string Signatures, DateTimeOffset? OrderedAt) : ScanCommand;

    /// <summary>Records that nobody has looked in time.</summary>
    /// <param name="Holds">Nothing is made of it until somebody has.</param>
    public sealed record MissDeadline(FileId File, int Version, bool Holds) : ScanCommand;

    /// <summary>Opens it in spite of that.</summary>
    public sealed record Release(FileId File, int Version, AccountId By, string Reason) : ScanCommand;
}
