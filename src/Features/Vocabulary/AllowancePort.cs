using System.Runtime.InteropServices;

namespace EventFiles.Features.Vocabulary;

/// <summary>The owner's space. Implemented by the Quota slice.</summary>
public interface IAllowance
{
    /// <summary>Sets aside <paramref name="bytes"/> for an upload in flight, or changes how much is set aside.</summary>
    /// <param name="until">When it falls free by itself if the upload dies.</param>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Reserve(ITransaction transaction, AccountId owner, UploadId upload, long bytes, DateTimeOffset until);

    /// <summary>
    /// Whether an upload may begin, as far as can be known before its bytes: how large a file may be, and how many there may
    /// be. What comes at once with others is counted when it becomes a file.
    /// </summary>
    /// <param name="sizeBytes">Of the one file; null when nobody knows yet, or there are several.</param>
    /// <param name="newFiles">How many it would be that are not there yet.</param>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Admit(ITransaction transaction, AccountId owner, long? sizeBytes, int newFiles);

    /// <summary>Turns what was set aside (if anything) into used space of exactly <paramref name="bytes"/>.</summary>
    /// <param name="wasBegun">Space was set aside for it under another id: it ends what was begun.</param>
    Task<Rejection?> Charge(ITransaction transaction, AccountId owner, UploadId upload, FileId file, long bytes, bool wasBegun);

    /// <summary>Gives back what was set aside for an upload that ends without a file.</summary>
    Task<Rejection?> Release(ITransaction transaction, AccountId owner, UploadId upload);

    /// <summary>Gives back all that the versions of a file use.</summary>
    Task<Rejection?> Free(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Gives back what the bytes of one upload use, when no version of the file has them any more.</summary>
    Task<Rejection?> FreeUpload(ITransaction transaction, AccountId owner, FileId file, UploadId upload);

    /// <summary>
    /// Lets a version have bytes that the owner has already, instead of charging for its own; what was set aside falls free.
    /// </summary>
    /// <returns>Where they are; null when nobody has them any more.</returns>
    Task<ObjectKey?> Share(
        ITransaction transaction, AccountId owner, UploadId upload, FileId file, long bytes, ContentHint with);

    /// <summary>
    /// A file needs its bytes no more, and nobody shares them with it from here on. Their space is given back by
    /// <see cref="Free"/>, once they are gone; what others have too goes over to them now.
    /// </summary>
    Task<Rejection?> GiveUp(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>The same of the bytes that a file has by one upload.</summary>
    Task<Rejection?> GiveUpUpload(ITransaction transaction, AccountId owner, FileId file, UploadId upload);

    /// <summary>
    /// Whether somebody needs an object of an owner, of which it is known that a file had it by an upload. Once nobody does,
    /// nobody ever will.
    /// </summary>
    Task<bool> IsNeeded(AccountId owner, ObjectKey stored, FileId file, UploadId upload, CancellationToken cancel);

    /// <summary>
    /// Notes that the bytes of an upload are compressed from here on. What they count for stays the same: their plain size.
    /// </summary>
    /// <returns>Why not: nobody needs them any more, and nobody ever will. Or null.</returns>
    Task<Rejection?> Compress(ITransaction transaction, AccountId owner, FileId file, UploadId stored, CompressedForm form);

    /// <summary>What there is room for now. A hint: only a transaction decides.</summary>
    Task<Room> Available(AccountId owner, CancellationToken cancel);

    /// <summary>Says what an owner may hold: all of it.</summary>
    /// <returns>Why not, one of <see cref="AllowanceRejection.OfLimits"/>; or null.</returns>
    Task<Rejection?> Allot(ITransaction transaction, AccountId owner, AllowedSpace limits);

    /// <summary>Leaves an owner no space, who holds nothing and has nothing set aside as this transaction sees it.</summary>
    /// <returns>Why not: they hold something. Or null.</returns>
    Task<Rejection?> Withdraw(ITransaction transaction, AccountId owner);

    /// <summary>How an owner's space stands as this transaction sees it.</summary>
    Task<SpaceFigures> Figures(ITransaction transaction, AccountId owner);

    /// <summary>How it stands now.</summary>
    Task<SpaceFigures> Figures(AccountId owner, CancellationToken cancel);
}

/// <summary>What an owner may hold; null for no such limit.</summary>
/// <param name="SoftLimitBytes">May be exceeded for two weeks.</param>
/// <param name="MaxFiles">How many files, trashed ones included.</param>
/// <param name="MaxFileBytes">How large one version of a file may be.</param>
public sealed record AllowedSpace(long LimitBytes, long? SoftLimitBytes, int? MaxFiles, long? MaxFileBytes);

/// <summary>How an owner's space stands.</summary>
/// <param name="WarnedPercent">How much of the limit is used, as far as there is a warning of it: 0, 80 or 95 percent.</param>
/// <param name="GraceUntil">Above the soft limit: from then on nothing is added until there is less.</param>
public sealed record SpaceFigures(
    AllowedSpace Limits, long UsedBytes, long ReservedBytes, int Files, int WarnedPercent, DateTimeOffset? GraceUntil);

/// <summary>What an owner has room for.</summary>
/// <param name="FreeBytes">How many bytes could be set aside.</param>
/// <param name="FileBytes">How large a file may be, of which nothing need be free.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Room(long FreeBytes, long FileBytes);

/// <summary>Looks whether an owner has some bytes already. Implemented by the Quota slice.</summary>
public interface IContents
{
    /// <summary>A file of this owner that seems to have these bytes; null when none does. A hint: only a transaction decides.</summary>
    /// <param name="sha256">Lower-case hex. Personal.</param>
    Task<ContentHint?> Find(AccountId owner, string sha256, long sizeBytes, CancellationToken cancel);
}

/// <summary>A file that had some bytes when somebody looked.</summary>
/// <param name="Upload">The upload by which it has them.</param>
public sealed record ContentHint(FileId File, UploadId Upload, ObjectKey StoredAs);

/// <summary>What the owner's space answers, whoever asks for it.</summary>
public static class AllowanceRejection
{
    /// <summary>Used and reserved space together would exceed the limit.</summary>
    public static readonly Rejection Exceeded = new(
        "quota.exceeded", RejectionKind.OverQuota, "The owner's space does not suffice for this upload.");

    /// <summary>The owner may have no more files.</summary>
    public static readonly Rejection TooManyFiles = new(
        "quota.too-many-files", RejectionKind.OverQuota, "The owner has as many files as they may have, the trash included.");

    /// <summary>The owner may have no files of this size.</summary>
    public static readonly Rejection FileTooLarge = new(
        "quota.file-too-large", RejectionKind.TooLarge, "The owner may have no files of this size.");

    /// <summary>The owner has been above their soft limit for too long.</summary>
    public static readonly Rejection SoftLimitOverdue = new(
        "quota.soft-limit-overdue", RejectionKind.OverQuota,
        "The owner has been above their soft limit for too long: nothing is added until there is less.");

    public static readonly Rejection NegativeLimit = new(
        "quota.negative-limit", RejectionKind.Invalid, "A limit is zero or more.");

    public static readonly Rejection SoftAboveLimit = new(
        "quota.soft-above-limit", RejectionKind.Invalid, "A soft limit is at most the limit.");

    /// <summary>The owner holds something still, or it is on its way.</summary>
    public static readonly Rejection StillUsed = new(
        "quota.still-used", RejectionKind.Conflict, "The space is not empty.");

    /// <summary>Why limits are not set.</summary>
    public static readonly Rejection[] OfLimits = [NegativeLimit, SoftAboveLimit];

    /// <summary>All of them that an upload meets.</summary>
    public static readonly Rejection[] All = [Exceeded, TooManyFiles, FileTooLarge, SoftLimitOverdue];
}
