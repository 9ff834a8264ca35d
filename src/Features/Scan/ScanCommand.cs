namespace EventFiles.Features.Scan;

public abstract record ScanCommand
{
    private ScanCommand() { }

    /// <summary>Records what the scanner said.</summary>
    /// <param name="Signatures">Who looked, with which signatures.</param>
    /// <param name="OrderedAt">When the search was ordered that this is part of; null when it is the version's own.</param>
    public sealed record Judge(FileId File, int Version, ScanOutcome Outcome, string Signatures, DateTimeOffset? OrderedAt) : ScanCommand;

    /// <summary>Opens it in spite of that.</summary>
    public sealed record Release(FileId File, int Version, AccountId By, string Reason) : ScanCommand;
}
