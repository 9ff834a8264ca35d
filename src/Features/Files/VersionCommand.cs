namespace EventFiles.Features.Files;

public abstract record VersionCommand
{
    private VersionCommand() { }

    /// <summary>Call it that.</summary>
    /// <param name="Text">Empty for nothing.</param>
    /// <param name="Made">What versions were ever made: that stands in another stream.</param>
    public sealed record Label(FileId File, int Version, string Text, VersionsMade Made) : VersionCommand;

    /// <summary>Delete it for good.</summary>
    /// <param name="By">Null when a rule wants it.</param>
    /// <param name="Made">What versions were ever made.</param>
    public sealed record Remove(FileId File, int Version, AccountId? By, VersionsMade Made) : VersionCommand;

    /// <summary>Keep on record that nothing of it is left.</summary>
    public sealed record Purge(FileId File, int Version, int Objects, long Bytes) : VersionCommand;
}
