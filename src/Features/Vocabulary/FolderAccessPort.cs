namespace EventFiles.Features.Vocabulary;

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

    /// <summary>Who was in these groups, from each change of any of them on, in the order of the log.</summary>
    Task<IReadOnlyList<GroupMoment>> Past(IReadOnlyCollection<GroupId> groups, CancellationToken cancel);
}

/// <summary>Who is in a group from a point of the log on.</summary>
/// <param name="Members">Its owner, and whoever is in it or in a group in it; nobody when it is gone.</param>
public sealed record GroupMoment(long Position, DateTimeOffset At, GroupId Group, IReadOnlySet<AccountId> Members);

/// <summary>What may be told of a group.</summary>
public sealed record GroupCard(GroupId Id, AccountId Owner, string Name);
