namespace EventFiles.Features.Share;

/// <summary>What is shared: a file, or a folder with all that is in it.</summary>
public readonly record struct ShareTarget(Guid Id, bool IsFolder) : INamesTarget
{
    // Stored in events, and so no property of its own.
    RequestTarget INamesTarget.Target => new(AsFile(), AsFolder(), null);

    public static implicit operator ShareTarget(FileId file) => new(file.Value, IsFolder: false);

    public static implicit operator ShareTarget(FolderId folder) => new(folder.Value, IsFolder: true);

    /// <summary>Null for a folder.</summary>
    public FileId? AsFile() => IsFolder ? null : new FileId(Id);

    /// <summary>Null for a file.</summary>
    public FolderId? AsFolder() => IsFolder ? new FolderId(Id) : null;

    public override string ToString() => Id.ToString();
}

/// <summary>Whom something is shared with: an account, or a group of them.</summary>
public readonly record struct ShareGrantee(Guid Id, bool IsGroup)
{
    public static implicit operator ShareGrantee(AccountId account) => new(account.Value, IsGroup: false);

    public static implicit operator ShareGrantee(GroupId group) => new(group.Value, IsGroup: true);

    public override string ToString() => Id.ToString();
}
