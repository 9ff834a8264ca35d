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

    /// <summary>Nothing of it is left.</summary>
    public sealed record Purge(FileId File, Removed Removed) : DeleteCommand;
}

/// <summary>What was there to remove of a file, and how many places were looked at again afterwards.</summary>
public sealed record Removed(int Originals, int Variants, int Uploads, long Bytes, int Places)
{
    public int Objects => Originals + Variants + Uploads;
}
