namespace EventFiles.Features.Folders;

/// <summary>What happened to a folder. Stored for ever: add cases, never change one.</summary>
public abstract record FoldersEvent
{
    private FoldersEvent() { }

    /// <summary>It is there, and empty.</summary>
    public sealed record Created(FolderId Folder, FolderId Parent, [Personal] string Name) : FoldersEvent;

    /// <summary>It bears another name.</summary>
    public sealed record Renamed(FolderId Folder, FolderId Parent, [Personal] string Name) : FoldersEvent;

    /// <summary>It is in another folder now, with all that is in it.</summary>
    public sealed record Moved(FolderId Folder, FolderId Parent, [Personal] string Name) : FoldersEvent;

    /// <summary>It is gone; it was empty.</summary>
    public sealed record Deleted(FolderId Folder) : FoldersEvent;
}
