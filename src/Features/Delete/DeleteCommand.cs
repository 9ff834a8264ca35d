namespace EventFiles.Features.Delete;

public abstract record DeleteCommand
{
    private DeleteCommand() { }

    public sealed record Trash(FileId File, AccountId By) : DeleteCommand;

    /// <summary>With the folder that it is in, or one above that.</summary>
    public sealed record TrashWith(FileId File, FolderId In, FolderId With, AccountId By) : DeleteCommand;

    public sealed record Restore(FileId File, AccountId By, FolderId Folder, string Name) : DeleteCommand;

    /// <summary>Delete it for good, wherever it is.</summary>
    public sealed record Request(FileId File, AccountId By) : DeleteCommand;

    /// <summary>Delete it for good if it still lies in the trash.</summary>
    public sealed record Empty(FileId File, AccountId By) : DeleteCommand;

    public sealed record Purge(FileId File, int Objects) : DeleteCommand;
}
