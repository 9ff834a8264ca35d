namespace EventFiles.Features.Files;

/// <summary>
/// What happened to versions after they were made; that is told by their uploads. Stored for ever: add cases, never change
/// one.
/// </summary>
public abstract record VersionEvent
{
    private VersionEvent() { }

    /// <summary>It bears this label, and no former one.</summary>
    public sealed record Labelled(FileId File, int Version, [Personal] string Label) : VersionEvent;

    /// <summary>It bears no label any more.</summary>
    public sealed record Unlabelled(FileId File, int Version) : VersionEvent;

    /// <summary>It is not to be had any more, and its bytes go unless another version has them too. There is no way back.</summary>
    /// <param name="By">Null when a rule wanted it.</param>
    public sealed record Deleted(FileId File, int Version, AccountId? By) : VersionEvent;

    /// <summary>Its bytes and all that was made of them were removed, looked for again and not found.</summary>
    /// <param name="Objects">How many objects were there to remove.</param>
    /// <param name="Bytes">How many bytes they had; none of the original where another version has it too.</param>
    public sealed record Purged(FileId File, int Version, int Objects, long Bytes) : VersionEvent;
}
