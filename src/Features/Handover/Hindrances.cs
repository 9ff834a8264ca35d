namespace EventFiles.Features.Handover;

/// <summary>What keeps a file or folder from going over, asked in the transaction in which it is offered or accepted.</summary>
internal sealed class Hindrances(IFiles files, IFolders folders, IHolds holds, IErasures erasures, IAccounts accounts)
{
    /// <summary>Why it cannot be given: it is not there or not its owner's, held, or to be erased.</summary>
    /// <returns>Null when nothing is in the way.</returns>
    public async Task<Rejection?> ToGive(ITransaction transaction, AccountId from, HandedEntry entry) =>
        entry.AsFolder() is { } folder
            ? !await folders.IsThere(transaction, from, folder) ? FolderRejection.NoSuchFolder
                : (await holds.OverFolder(transaction, from, folder)).Count > 0 ? HoldRejection.Stands
                : await erasures.IsAskedFor(transaction, new(from)) ? HandoverRejections.ToBeErased
                : null
            : await files.IsGoing(transaction, from, entry.AsFile()!.Value) ? AccessRejection.NoSuchFile
                : (await holds.OverFile(transaction, from, entry.AsFile()!.Value)).Count > 0 ? HoldRejection.Stands
                : await erasures.IsAskedFor(transaction, new(from)) ? HandoverRejections.ToBeErased
                : await erasures.IsAskedFor(transaction, new(from, entry.AsFile())) ? HandoverRejections.ToBeErased
                : null;

    /// <summary>Why an account cannot take anything: it is disabled or to be erased, or there is none.</summary>
    /// <returns>Null when nothing is in the way.</returns>
    public async Task<Rejection?> ToTake(ITransaction transaction, AccountId to) =>
        !await accounts.IsOpen(transaction, to) ? HandoverRejection.NoSuchAccount
        : await erasures.IsAskedFor(transaction, new(to)) ? HandoverRejections.ToBeErased
        : null;
}
