namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Legal holds. Implemented by the Hold slice. Whoever is about to delete something for good asks in the transaction that
/// decides it, which fails if a hold is placed or lifted meanwhile: of a hold and a deletion at once, one is first.
/// </summary>
public interface IHolds
{
    /// <summary>The holds that stand over a file.</summary>
    Task<IReadOnlySet<HoldId>> OverFile(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>The holds that stand over whatever is in a folder.</summary>
    Task<IReadOnlySet<HoldId>> OverFolder(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>Whether a file would be under fewer holds in that folder than where it is.</summary>
    Task<bool> LetGo(ITransaction transaction, AccountId owner, FileId file, FolderId to);

    /// <summary>Whether what is in one folder would be under fewer holds in the other.</summary>
    Task<bool> LetGo(ITransaction transaction, AccountId owner, FolderId from, FolderId to);
}

/// <summary>What a hold answers, whoever wants to delete what it covers.</summary>
public static class HoldRejection
{
    /// <summary>It says that there is one, and nothing of why.</summary>
    public static readonly Rejection Stands = new(
        "hold.stands", RejectionKind.Conflict,
        "A legal hold stands over this: until it is lifted, nothing of it is deleted for good or moved from under it.");
}
