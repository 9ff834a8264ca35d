namespace EventFiles.Features.Vocabulary;

// What one slice does for others at once, in their transaction or before it. Facts are heard; these are asked.

/// <summary>Transfers, as whoever tidies the object store asks for them. Implemented by the Upload slice.</summary>
public interface IUploads
{
    /// <summary>
    /// Makes sure that no file ever comes of an upload of which the log tells nothing. Should somebody be about to make
    /// one of its bytes after all, that is refused from here on; so whoever asks may then delete the bytes.
    /// </summary>
    /// <returns>Why not: the log tells of it.</returns>
    Task<Rejection?> Disown(UploadId upload, CancellationToken cancel);

    /// <summary>
    /// Ends the uploads under way that are to become versions of a file and nothing else: the file is deleted for good.
    /// Whoever asks gives their space back and removes their bytes.
    /// </summary>
    /// <returns>All that ever ended so, now or before.</returns>
    Task<Answer<IReadOnlyList<UploadId>>> EndAimed(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Makes what a former version has the next version, by the same bytes. No bytes are stored or copied.</summary>
    /// <returns>The number of the version that has these bytes and is the current one now; or why not.</returns>
    Task<Answer<int>> Reinstate(ITransaction transaction, AccountId owner, FormerContent former);
}

/// <summary>What a complete version of a file has; it never changes.</summary>
/// <param name="Upload">The upload that brought the bytes.</param>
/// <param name="Sha256">Lower-case hex. Personal: it tells what the content is.</param>
public sealed record FormerContent(
    FileId File, int Version, UploadId Upload, string ContentType, long SizeBytes, string Sha256, ObjectKey StoredAs);

/// <summary>Makes files of the bytes of others. Implemented by the Upload slice.</summary>
public interface IFileCopies
{
    /// <summary>
    /// Makes a new file of another's current version, under a name like the one wanted; safe to repeat. Whoever asks need
    /// not have asked whether the caller may read it.
    /// </summary>
    Task<Answer<FileSummary>> Copy(FileCopy wanted, CancellationToken cancel);
}

/// <summary>A file that is to be made.</summary>
/// <param name="Upload">The copy's own: the new file bears its UUID.</param>
/// <param name="From">Space that was set aside before; null when the copy is to see to its own.</param>
public sealed record FileCopy(Caller By, FileId Source, UploadId Upload, FolderId Folder, string Name, Allotment? From);

/// <summary>Space that was set aside for several files together; each takes its part when it is there.</summary>
/// <param name="Reserved">What it was set aside for.</param>
/// <param name="LeftBytes">How much of it is left before the next file.</param>
/// <param name="Until">When it falls free by itself.</param>
public sealed record Allotment(UploadId Reserved, long LeftBytes, DateTimeOffset Until);

/// <summary>What must be done with new content. Implemented by the Process slice.</summary>
public interface IPipeline
{
    /// <summary>Plans the steps for one version, in the transaction that completes its upload.</summary>
    /// <returns>The planned jobs; none when there is nothing to do.</returns>
    Task<IReadOnlyList<PlannedJob>> Plan(ITransaction transaction, FileContent content);

    /// <summary>No further step of this file runs or is recorded.</summary>
    Task<Rejection?> Cancel(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>What is not made of this version by now never will be.</summary>
    Task<Rejection?> CancelVersion(ITransaction transaction, AccountId owner, FileId file, int version);
}

/// <summary>One step that will run.</summary>
/// <param name="Processor">Its processor's name: <c>thumbnail</c>.</param>
public sealed record PlannedJob(JobId JobId, string Processor);

/// <summary>One version of a file, as processors need to know it.</summary>
/// <param name="ContentType">A media type in lower case without parameters.</param>
public sealed record FileContent(
    FileId File, AccountId Owner, int Version, ObjectKey StoredAs, string ContentType, long SizeBytes);

/// <summary>What the folder tree answers, whoever asks it.</summary>
public static class FolderRejection
{
    /// <summary>There is no such folder, or it is somebody else's: nobody can tell which.</summary>
    public static readonly Rejection NoSuchFolder = new(
        "folders.not-found", RejectionKind.Missing, "There is no such folder.");

    /// <summary>The caller may know of the folder, and what its owner lets them do does not include this.</summary>
    public static readonly Rejection NotAllowed = new(
        "folders.not-allowed", RejectionKind.Forbidden, "You may not do this with the folder.");
}

/// <summary>The folder tree. Implemented by the Folders slice.</summary>
public interface IFolders
{
    /// <summary>The folder when it exists and is the caller's own; null asks for the caller's root.</summary>
    Task<Answer<FolderId>> Find(Caller by, FolderId? folder, CancellationToken cancel);

    /// <summary>The folder when it exists and is that owner's; null asks for the owner's root. Who may was asked before.</summary>
    Task<Answer<FolderId>> Find(AccountId owner, FolderId? folder, CancellationToken cancel);

    /// <summary>
    /// Whether the folder is there as this transaction sees it, which fails if the folder goes meanwhile. Everybody asks
    /// who puts something into a folder: a deletion finds what came before it, and who comes later finds the folder gone.
    /// </summary>
    Task<bool> IsThere(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>
    /// The folder and all above it up to the root, as this transaction sees them, which fails if one is moved meanwhile. A
    /// folder that is deleted is still where it was.
    /// </summary>
    Task<IReadOnlyList<FolderId>> Above(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>Whose folder it is, whoever asks; null when there is none.</summary>
    Task<AccountId?> OwnerOf(FolderId folder, CancellationToken cancel);

    /// <summary>
    /// What is in the folder and in all below it, as views show it, each folder once and before what is in it; nothing of what
    /// is in the trash.
    /// </summary>
    IAsyncEnumerable<FolderChild> Below(FolderId folder, CancellationToken cancel);

    /// <summary>A name like <paramref name="wanted"/> that is free in the folder now: <c>report (2).pdf</c>.</summary>
    Task<string> FreeName(FolderId folder, string wanted, CancellationToken cancel);

    /// <summary>Makes a folder, unless this very one was made before.</summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Make(ITransaction transaction, AccountId owner, FolderId folder, FolderId parent, string name);

    /// <summary>Moves a folder to its owner's root, as one that stays theirs.</summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Leave(ITransaction transaction, AccountId owner, FolderId folder, string name);

    /// <summary>
    /// Whether a folder is <paramref name="above"/> itself or stands below it, as this transaction sees it, which fails if
    /// that changes meanwhile.
    /// </summary>
    Task<bool> IsWithin(ITransaction transaction, AccountId owner, FolderId folder, FolderId above);

    /// <summary>What is in a folder: its folders, then its files, each by name. Whose it is was asked before.</summary>
    /// <exception cref="BadCursorException">The cursor is not one of this list's.</exception>
    Task<Page<FolderChild>> Children(FolderId folder, string? cursor, int limit, CancellationToken cancel);

    /// <summary>The folder that a folder is in; null when it is not there, and for a root.</summary>
    Task<FolderId?> ParentOf(AccountId owner, FolderId folder, CancellationToken cancel);

    /// <summary>What a folder is called; null when it is not there. Empty for a person's root.</summary>
    Task<string?> NameOf(AccountId owner, FolderId folder, CancellationToken cancel);
}

/// <summary>Walks through folders.</summary>
public static class FolderWalks
{
    /// <summary>The files in the folder and in all below it, as <see cref="IFolders.Below"/> has them.</summary>
    public static IAsyncEnumerable<FileId> FilesBelow(this IFolders folders, FolderId folder, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(folders);
        return folders.Below(folder, cancel).Where(child => !child.IsFolder).Select(child => new FileId(child.Id));
    }
}

/// <summary>A file or folder in a folder.</summary>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="SizeBytes">Of a file's current version; 0 for a folder.</param>
/// <param name="Version">A file's current version; 0 for a folder.</param>
public sealed record FolderChild(bool IsFolder, Guid Id, string Name, long SizeBytes, int Version, DateTimeOffset ModifiedAt)
{
    /// <summary>The virus scanner found something in a file's current version: nobody opens it.</summary>
    public bool IsInfected { get; init; }
}

/// <summary>Files as every slice may show them. Implemented by the Files slice.</summary>
public interface IFiles
{
    /// <summary>What is known of a file, whoever asks: the asking slice has asked <see cref="IAccess"/> before.</summary>
    Task<FileSummary?> Find(FileId file, CancellationToken cancel);

    /// <summary>The same, and how far it has come, of one moment.</summary>
    Task<(FileSummary File, FileStatusView Status)?> FindWithStatus(FileId file, CancellationToken cancel);

    /// <summary>
    /// Whether the file is in the trash or further, or another's by now, as this transaction sees it, which fails if it goes
    /// meanwhile.
    /// </summary>
    Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Whether the file is deleted for good, or being deleted, or another's by now, as this transaction sees it.</summary>
    Task<bool> IsGone(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>
    /// Whether the file is this owner's still as this transaction sees it, which fails if it becomes another's meanwhile. Whose
    /// it is, views tell a moment late: everybody asks who adds to what is told of a file.
    /// </summary>
    Task<bool> IsOf(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>
    /// The folder that the file is in, or was in when it was thrown away, as this transaction sees it, which fails if it is
    /// moved meanwhile.
    /// </summary>
    Task<FolderId> FolderOf(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>
    /// How old the file and its versions are, as this transaction sees them, which fails if one is made or deleted
    /// meanwhile. Null when views do not show the newest one yet.
    /// </summary>
    Task<FileAge?> AgeOf(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Deletes a version for good because a rule says so: whoever asks has looked what keeps it.</summary>
    Task<Rejection?> DeleteVersion(ITransaction transaction, AccountId owner, FileId file, int version);

    /// <summary>Where the bytes of one version are; null when there is no such version, or no such file any more.</summary>
    Task<ObjectKey?> StoredAs(FileId file, int version, CancellationToken cancel);

    /// <summary>The versions of a file that there are, the oldest first; none when there is no such file any more.</summary>
    Task<IReadOnlyList<KeptVersion>> VersionsOf(FileId file, CancellationToken cancel);

    /// <summary>The caller's own file of that name in a folder, not trashed.</summary>
    Task<FileSummary?> FindByName(FolderId folder, string name, CancellationToken cancel);
}

/// <summary>A version of a file; it never changes.</summary>
/// <param name="Sha256">Lower-case hex over its bytes. Personal: it tells what the content is.</param>
public sealed record KeptVersion(int Number, long SizeBytes, string Sha256, DateTimeOffset CreatedAt);

/// <summary>A file, as the API shows it.</summary>
/// <param name="Id">The file's id; stays through renames, moves and versions.</param>
/// <param name="Name">As its owner gave it.</param>
/// <param name="FolderId">The folder it is in.</param>
/// <param name="SizeBytes">Bytes of the current version.</param>
/// <param name="ContentType">Media type, found from the bytes where they tell.</param>
/// <param name="Sha256">Lower-case hex over the current version's bytes; null while the first version is uploading.</param>
/// <param name="Status">uploading, processing, ready, failed, infected, trashed or deleted.</param>
/// <param name="Version">The current version's number, from 1.</param>
/// <param name="CreatedAt">When its first version was complete.</param>
/// <param name="ModifiedAt">When its current version was complete.</param>
/// <param name="Variants">What processors made of the current version.</param>
/// <param name="Scan">The virus scanner's verdict on the current version: notScanned (until one has looked), clean, infected, unscannable or released.</param>
public sealed record FileSummary(
    FileId Id,
    string Name,
    FolderId FolderId,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    string ContentType,
    string? Sha256,
    string Status,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset ModifiedAt,
    IReadOnlyList<FileVariant> Variants,
    ScanVerdict Scan)
{
    /// <summary>
    /// The smaller pictures that there are of it, by their widths, as the <c>srcset</c> of an <c>img</c> wants them; null when
    /// there are none.
    /// </summary>
    public string? Srcset => Variants.Where(made => made.Name.StartsWith("resize-", StringComparison.Ordinal) && made.Width > 0)
        .OrderBy(made => made.Width).ThenBy(made => made.Name, StringComparer.Ordinal).DistinctBy(made => made.Width)
        .Select(made => FormattableString.Invariant($"/api/files/{Id}/variants/{made.Name} {made.Width}w"))
        .ToList() is { Count: > 0 } all ? string.Join(", ", all) : null;

    /// <summary>Whose it is. Not part of the JSON: a reader of a shared file learns it from the share.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public AccountId Owner { get; init; }

    /// <summary>What <see cref="Status"/> says, or would say outside the trash.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string StatusOutsideTrash { get; init; } = Status;

    /// <summary>Where the current version's bytes are.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ObjectKey StoredAs { get; init; }

    /// <summary>Changes with everything that can be seen of the file. With its quotes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string ETag { get; init; } = "";

    /// <summary>
    /// Whether a client that looked before has seen the current version: its tags name the file as it is, or the current
    /// bytes, as <c>getFile</c> and <c>getFileContent</c> tell them.
    /// </summary>
    public bool Matches(IReadOnlyList<string> tags) =>
        tags.Contains("*") || tags.Contains(ETag) || (Sha256 is not null && tags.Contains($"\"{Sha256}\""));
}

/// <summary>A rendition of a file.</summary>
/// <param name="Name">Its name in the URL: <c>thumbnail</c>, <c>resize-1280</c>, <c>webp</c>.</param>
/// <param name="SizeBytes">Bytes.</param>
public sealed record FileVariant(
    string Name,
    string ContentType,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    int Width,
    int Height);

/// <summary>Accounts as other slices may see them. Implemented by the Accounts slice.</summary>
public interface IAccounts
{
    /// <summary>By id; null when there is none.</summary>
    Task<AccountCard?> Find(AccountId account, CancellationToken cancel);

    /// <summary>
    /// Whether it is there and neither disabled nor closed, as this transaction sees it, which fails if that changes meanwhile.
    /// </summary>
    Task<bool> IsOpen(ITransaction transaction, AccountId account);

    /// <summary>Whether it was there at that point of the log.</summary>
    Task<bool> Existed(AccountId account, Moment at, CancellationToken cancel);

    /// <summary>The address mail to which was read by whoever has the account, as the log has it now; null for none.</summary>
    Task<string?> ProvedAddress(AccountId account, CancellationToken cancel);

    /// <summary>An address in the form in which addresses are compared; null for what cannot be one.</summary>
    string? KeyOf(string email);

    /// <summary>
    /// Who may be given what is meant for an address, as the log has it now: whoever has it, and where letters are sent only
    /// if one to it was read. Null for nobody.
    /// </summary>
    Task<AccountId?> FindTrusted(string email, CancellationToken cancel);

    /// <summary>By e-mail address, compared as sign-in does.</summary>
    Task<AccountCard?> FindByEmail(string email, CancellationToken cancel);
}

/// <summary>Invitations, as other slices ask for them. Implemented by the Accounts slice.</summary>
public interface IInvitations
{
    /// <summary>
    /// Invites whoever reads that mailbox to open an account, where people may open accounts by themselves. Nobody who has one
    /// is invited, nor a mailbox that was written to too often. Safe twice.
    /// </summary>
    /// <param name="id">The same each time for the same invitation.</param>
    Task<Answer<Done>> Invite(Guid id, AccountId by, string email, CancellationToken cancel);
}

/// <summary>What one account may see of another that shares with it.</summary>
public sealed record AccountCard(AccountId Id, string Email, string DisplayName)
{
    /// <summary>Whether mail to the address was read by whoever has the account.</summary>
    public bool IsProved { get; init; }

    /// <summary>The picture that the person is shown by; null for none.</summary>
    public AvatarId? Avatar { get; init; }
}

/// <summary>Tags as other slices may ask for them. Implemented by the Marks slice.</summary>
public interface ITags
{
    /// <summary>A person's tags, at most a thousand of them, and what each is called.</summary>
    Task<IReadOnlyDictionary<TagId, string>> Of(AccountId account, CancellationToken cancel);
}
