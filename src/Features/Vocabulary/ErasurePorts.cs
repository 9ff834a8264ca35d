namespace EventFiles.Features.Vocabulary;

// What an erasure asks of others. Each may be asked again after a crash, and finds then what is left.

/// <summary>Who or what is erased: a person with all that is theirs, or one file.</summary>
/// <param name="Owner">The person, or whose file it is.</param>
/// <param name="File">Null for the person.</param>
public sealed record ErasureSubject(AccountId Owner, FileId? File = null);

/// <summary>
/// What is kept of a person or of a file beside the log, and the key under which it is sealed. Implemented where that is kept.
/// </summary>
public interface IPersonalTraces
{
    /// <summary>Removes private rows and all that was derived from them, views excepted.</summary>
    /// <returns>How much was there, by place; places with nothing included.</returns>
    Task<IReadOnlyList<PersonalTrace>> Remove(ErasureSubject subject, CancellationToken cancel);

    /// <summary>Takes some of the person's sealed rows along, to try afterwards whether anything opens them still.</summary>
    /// <returns>
    /// Tries it: how many of how many do not open any more. None for a file, where nothing is sealed, and when all is gone already.
    /// </returns>
    Task<Func<CancellationToken, Task<PersonalTrace?>>> Sample(ErasureSubject subject, CancellationToken cancel);

    /// <summary>
    /// Destroys the person's key, notes in the journal that it is to stay so, and makes sure that none is made again. The keys
    /// of a file go with its objects: here it is noted that it is to stay away.
    /// </summary>
    Task<DestroyedKey> DestroyKey(ErasureSubject subject, CancellationToken cancel);

    /// <summary>Looks at every place again, objects included: whatever stands there of the person or file is a hit.</summary>
    /// <param name="shared">Objects of the file that are others' too.</param>
    Task<IReadOnlyList<PersonalTrace>> Look(ErasureSubject subject, IReadOnlyCollection<ObjectKey> shared, CancellationToken cancel);

    /// <summary>All that the journal names: also those of whom a restored log does not know that they were erased.</summary>
    Task<IReadOnlyList<ErasureSubject>> Destroyed(CancellationToken cancel);

    /// <summary>
    /// When the person's key was destroyed, or the file noted, by the clock that tells when views were made anew; null when it
    /// was not.
    /// </summary>
    Task<DateTimeOffset?> KeyDestroyedAt(ErasureSubject subject, CancellationToken cancel);

    /// <summary>When the key of an era was destroyed, and with it what old copies of the database hold; null when it is there.</summary>
    Task<DateTimeOffset?> EraDestroyedAt(Guid era, CancellationToken cancel);

    /// <summary>By when the key of an era is to be destroyed; null where an operator decides that.</summary>
    Task<DateTimeOffset?> EraEndsAt(Guid era, CancellationToken cancel);
}

/// <summary>Who and what is to be erased. Implemented by the Erasure slice.</summary>
public interface IErasures
{
    /// <summary>
    /// Whether it was asked that a person or a file be erased, and not cancelled, as this transaction sees it, which fails if that
    /// changes meanwhile.
    /// </summary>
    Task<bool> IsAskedFor(ITransaction transaction, ErasureSubject subject);
}

/// <summary>Something of a person in one place.</summary>
/// <param name="Place">A word: <c>private-rows</c>, <c>objects</c>.</param>
/// <param name="Looked">How many things were looked at, where that is more than what is there; else the same.</param>
public sealed record PersonalTrace(string Place, long Count, long Looked);

/// <summary>A key that is no more.</summary>
/// <param name="Key">Its id; null when the person never had one, and for a file.</param>
/// <param name="Era">Under whose key old copies of it are wrapped; of a file, of its owner's key. Null where nothing is encrypted.</param>
public sealed record DestroyedKey(Guid? Key, Guid? Era);

/// <summary>The end of an account. Implemented by the Accounts slice.</summary>
public interface IAccountEnd
{
    /// <summary>Why the person cannot be who they say, or null; guesses are counted as at sign-in.</summary>
    /// <param name="address">Where the request comes from.</param>
    Task<Rejection?> Confirm(AccountId account, string password, string address, CancellationToken cancel);

    /// <summary>Whether it runs the installation.</summary>
    Task<bool> IsAdministrator(AccountId account, CancellationToken cancel);

    /// <summary>Ends all sign-ins; nobody signs in to it again, and its address is free.</summary>
    Task<Rejection?> Close(ITransaction transaction, AccountId account);
}

/// <summary>All transfers of one owner. Implemented by the Upload slice.</summary>
public interface IUploadsOfOwner
{
    /// <summary>Those under way.</summary>
    Task<int> Count(AccountId owner, CancellationToken cancel);

    /// <summary>Ends them without a file.</summary>
    Task EndAll(AccountId owner, CancellationToken cancel);

    /// <summary>Ends those that were begun for one file, whatever they would become now.</summary>
    Task EndAll(AccountId owner, FileId file, CancellationToken cancel);
}

/// <summary>What a person takes along. Implemented by the Export slice.</summary>
public interface IExportsOfOwner
{
    /// <summary>Ends the one that is under way or ready, and removes what was written for it. Those before were removed as they ended.</summary>
    Task EndLast(AccountId owner, CancellationToken cancel);

    /// <summary>Removes what was written for any, also by a worker who was late.</summary>
    Task ClearAll(AccountId owner, CancellationToken cancel);
}

/// <summary>Something that was offered to an address.</summary>
/// <param name="Share">The share's id.</param>
/// <param name="Stream">The stream that holds the address.</param>
public sealed record OpenOffer(Guid Share, string Stream);

/// <summary>Whom somebody shares with. Implemented by the Share slice.</summary>
public interface ISharing
{
    /// <summary>The accounts that may use files and folders of the owner's, by themselves or as members of groups.</summary>
    Task<IReadOnlyCollection<AccountId>> RecipientsOf(AccountId owner, CancellationToken cancel);

    /// <summary>The accounts that a file is shared with, also through folders above it and groups; not its owner.</summary>
    Task<IReadOnlyCollection<AccountId>> RecipientsOf(FileId file, CancellationToken cancel);

    /// <summary>What the owner offers to addresses that no account has taken up: one for each address.</summary>
    Task<IReadOnlyCollection<OpenOffer>> OffersOf(AccountId owner, CancellationToken cancel);

    /// <summary>The same of a file; not of the folders above it, which stay.</summary>
    Task<IReadOnlyCollection<OpenOffer>> OffersOf(FileId file, CancellationToken cancel);

    /// <summary>The address to which something is or was offered, as the log has it; null when it is erased.</summary>
    Task<string?> AddressOf(OpenOffer offer, CancellationToken cancel);

    /// <summary>Ends all shares of a file that is deleted for good, and its links; safe to repeat.</summary>
    Task<Rejection?> Close(AccountId owner, FileId file, CancellationToken cancel);

    /// <summary>Gives back whatever others share with the account.</summary>
    Task LeaveAll(AccountId grantee, CancellationToken cancel);

    /// <summary>Lets everybody in a group use a folder that is the group's, as editors.</summary>
    Task<Rejection?> Lend(ITransaction transaction, AccountId owner, FolderId folder, GroupId group);

    /// <summary>Ends that.</summary>
    Task<Rejection?> TakeBack(ITransaction transaction, AccountId owner, FolderId folder, GroupId group);

    /// <summary>Takes back all links by which files are brought into the owner's folders.</summary>
    Task CloseInboxes(AccountId owner, CancellationToken cancel);
}

/// <summary>What a person is told who is to confirm something with their password.</summary>
public static class ConfirmationRejection
{
    public static readonly Rejection WrongPassword = new(
        "confirm.wrong-password", RejectionKind.Forbidden, "The password is another one.");

    public static readonly Rejection TooMany = new(
        "confirm.too-many-attempts", RejectionKind.Busy, "Too many attempts; wait before the next.");
}
