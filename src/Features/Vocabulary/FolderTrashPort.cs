namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Folders on their way into the trash, back, and away for good; each by itself, what is in it stays where it is.
/// Implemented by the Folders slice.
/// </summary>
public interface IFolderTrash
{
    /// <summary>Whether the folder lies in the trash with that one, as this transaction sees it, which fails if that changes.</summary>
    Task<bool> IsTrashedWith(ITransaction transaction, AccountId owner, FolderId folder, FolderId with);

    /// <summary>Throws a folder away, as part of another one or by itself. What is in it stays where it is.</summary>
    Task<Rejection?> Trash(ITransaction transaction, AccountId owner, FolderId folder, FolderId with);

    /// <summary>Takes a folder out of the trash; null leaves it its name.</summary>
    Task<Rejection?> Restore(ITransaction transaction, AccountId owner, FolderId folder, FolderId parent, string? name);

    /// <summary>Notes that a folder in the trash is to be deleted for good.</summary>
    Task<Rejection?> Doom(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>Whether it is to be deleted for good, as this transaction sees it, which fails if that changes.</summary>
    Task<bool> IsDoomed(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>Leaves a folder in the trash that was to be deleted for good.</summary>
    Task<Rejection?> Spare(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>Deletes a folder that is empty, in the trash or not.</summary>
    Task<Rejection?> Remove(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>A folder that lies in the trash; null when it does not, or is somebody else's.</summary>
    Task<TrashedFolder?> FindTrashed(AccountId owner, FolderId folder, CancellationToken cancel);
}

/// <summary>A folder in the trash.</summary>
/// <param name="Parent">Where it was.</param>
public sealed record TrashedFolder(string Name, FolderId Parent);
