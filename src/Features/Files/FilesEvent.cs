namespace EventFiles.Features.Files;

/// <summary>What happened to a file's name and place after its upload. Stored for ever: add cases, never change one.</summary>
public abstract record FilesEvent
{
    private FilesEvent() { }

    /// <summary>It bears another name.</summary>
    public sealed record Renamed(FileId File, FolderId Folder, [Personal] string Name) : FilesEvent;

    /// <summary>It is in another folder.</summary>
    public sealed record Moved(FileId File, FolderId Folder, [Personal] string Name) : FilesEvent;

    /// <summary>It is another account's, in this folder of theirs and under this name.</summary>
    /// <param name="To">Whose the file's streams are from here on.</param>
    public sealed record HandedOver(FileId File, FolderId Folder, [Personal] string Name, AccountId From, AccountId To) : FilesEvent;
}
