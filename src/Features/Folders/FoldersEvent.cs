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

    /// <summary>It is another account's, there and under this name. What is in it follows one by one.</summary>
    /// <param name="To">Whose the stream is from here on.</param>
    public sealed record HandedOver(FolderId Folder, FolderId Parent, [Personal] string Name, AccountId From, AccountId To) : FoldersEvent;

    /// <summary>It lies in the trash with all that is in it: nothing is put into it any more, and what is in it follows.</summary>
    /// <param name="Parent">Where it was.</param>
    /// <param name="With">The folder that was thrown away: itself, or one above it.</param>
    public sealed record Trashed(FolderId Folder, FolderId Parent, FolderId With) : FoldersEvent;

    /// <summary>It is back, in this folder and under this name, and what went with it follows.</summary>
    /// <param name="With">The folder that was thrown away.</param>
    public sealed record Restored(FolderId Folder, FolderId Parent, [Personal] string Name, FolderId With) : FoldersEvent;

    /// <summary>It and all that went with it are to be deleted for good. There is no way back from here, unless it is spared.</summary>
    public sealed record Doomed(FolderId Folder) : FoldersEvent;

    /// <summary>Something in it may not be deleted: it lies in the trash as before with what is left, and has a way back.</summary>
    public sealed record Spared(FolderId Folder) : FoldersEvent;

    /// <summary>It is gone; it was empty.</summary>
    public sealed record Deleted(FolderId Folder) : FoldersEvent;
}
