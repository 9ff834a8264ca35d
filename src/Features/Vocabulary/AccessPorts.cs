namespace EventFiles.Features.Vocabulary;

/// <summary>What somebody wants to do with a file.</summary>
public enum FileAction
{
    /// <summary>See it, its variants and its content.</summary>
    Read,

    /// <summary>Say something about it.</summary>
    Comment,

    /// <summary>Rename it, give it a new version, process it.</summary>
    Edit,

    /// <summary>Decide who else may, see who may, read its history.</summary>
    Share,

    /// <summary>Move it, trash it, restore it, delete it for good.</summary>
    Own,
}

/// <summary>Who may do what with a file. Implemented by the Share slice; asked by every request about a file.</summary>
public interface IAccess
{
    /// <summary>
    /// The file's owner when the caller may; else a refusal: <see cref="RejectionKind.Missing"/> for whoever may not
    /// even know of the file, <see cref="RejectionKind.Forbidden"/> for whoever may read it and not do this.
    /// </summary>
    Task<Answer<FileAccess>> Ask(Caller by, FileId file, FileAction action, CancellationToken cancel);

    /// <summary>Whether the caller counts as that owner: it is their own account, or the space of a group that they manage.</summary>
    Task<bool> Owns(Caller by, AccountId owner, CancellationToken cancel);
}

/// <summary>The two ways in which <see cref="IAccess"/> says no; the same for every file, so that they tell nothing.</summary>
public static class AccessRejection
{
    /// <summary>There is no such file, or the caller may not know of it: nobody can tell which.</summary>
    public static readonly Rejection NoSuchFile = new(
        "files.not-found", RejectionKind.Missing, "There is no such file.");

    /// <summary>The caller may know of the file, and it does not let them do this as it stands now.</summary>
    public static readonly Rejection NotAllowed = new(
        "files.not-allowed", RejectionKind.Forbidden, "You may not do this with the file as it stands now.");
}

/// <summary>Leave to do something with a file.</summary>
/// <param name="Owner">The tenant of all the file's streams.</param>
/// <param name="IsTrashed">Only its owner gets this far with a trashed file.</param>
/// <param name="IsDeleted">It is gone for good, or going; only its owner gets this far.</param>
public sealed record FileAccess(FileId File, AccountId Owner, bool IsTrashed, bool IsDeleted);

/// <summary>What somebody wants to do with a folder.</summary>
public enum FolderAction
{
    /// <summary>Hear of it at all.</summary>
    Know,

    /// <summary>See what is in it.</summary>
    Read,

    /// <summary>Put a new file into it. Its owner's space is taken up.</summary>
    Put,

    /// <summary>Make folders in it.</summary>
    Edit,

    /// <summary>Decide who else may, see who may.</summary>
    Share,

    /// <summary>Rename it, move it, throw it away.</summary>
    Own,
}

/// <summary>Who may do what with a folder. Implemented by the Share slice.</summary>
public interface IFolderAccess
{
    /// <summary>
    /// The folder's owner when the caller may; else a refusal of <see cref="FolderRejection"/>: missing for whoever may not
    /// even know of the folder, forbidden for whoever may know of it and not do this.
    /// </summary>
    /// <param name="folder">Null is the caller's root.</param>
    Task<Answer<FolderAccess>> Ask(Caller by, FolderId? folder, FolderAction action, CancellationToken cancel);
}

/// <summary>Leave to do something with a folder.</summary>
/// <param name="Owner">The tenant of all that is in it.</param>
/// <param name="MaySee">Whether the caller may see what is in it; who may only upload may not.</param>
public sealed record FolderAccess(FolderId Folder, AccountId Owner, bool MaySee);

/// <summary>Groups of people. Implemented by the Groups slice.</summary>
public interface IGroups
{
    /// <summary>Whatever the caller may know of it; null when there is none.</summary>
    Task<GroupCard?> Find(GroupId group, CancellationToken cancel);

    /// <summary>Whether the account is in the group, its owner or in a group that is in it.</summary>
    Task<bool> Has(GroupId group, AccountId account, CancellationToken cancel);

    /// <summary>All groups that have the account, by id.</summary>
    Task<IReadOnlyList<GroupId>> Of(AccountId account, CancellationToken cancel);

    /// <summary>The group whose space that owner is or once was; null for a person.</summary>
    Task<SpaceCard?> OfSpace(AccountId owner, CancellationToken cancel);

    /// <summary>Whether the owner is the space of a group that the account owns or manages.</summary>
    Task<bool> Manages(AccountId account, AccountId owner, CancellationToken cancel);

    /// <summary>Who was in these groups, from each change of any of them on, in the order of the log.</summary>
    Task<IReadOnlyList<GroupMoment>> Past(IReadOnlyCollection<GroupId> groups, CancellationToken cancel);
}

/// <summary>Who is in a group from a point of the log on.</summary>
/// <param name="Members">Its owner, and whoever is in it or in a group in it; nobody when it is gone.</param>
/// <param name="Managers">Its owner and its managers.</param>
public sealed record GroupMoment(
    long Position, DateTimeOffset At, GroupId Group, IReadOnlySet<AccountId> Members, IReadOnlySet<AccountId> Managers);

/// <summary>What may be told of a group.</summary>
public sealed record GroupCard(GroupId Id, AccountId Owner, string Name);

/// <summary>What may be told of a group's space.</summary>
/// <param name="Name">What it is or was called.</param>
/// <param name="Keepers">The owner and the managers of the group; nobody when it is gone.</param>
public sealed record SpaceCard(GroupId Group, string Name, IReadOnlyList<AccountId> Keepers);
