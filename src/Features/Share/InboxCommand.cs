namespace EventFiles.Features.Share;

public abstract record InboxCommand
{
    private InboxCommand() { }

    public sealed record Open(
        FolderId Folder, LinkId Link, string TokenDigest, string Title, bool HasPassword, DateTimeOffset? Until, int? MaxUploads,
        long? MaxFileBytes) : InboxCommand;

    /// <summary>A file is whole.</summary>
    /// <param name="EnteredAt">When whoever brings it was let in.</param>
    public sealed record Receive(FileId File, DateTimeOffset EnteredAt) : InboxCommand;

    public sealed record Close : InboxCommand;
}
