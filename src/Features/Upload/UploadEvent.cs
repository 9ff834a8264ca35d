using System.Collections.Immutable;

namespace EventFiles.Features.Upload;

/// <summary>What happened to a transfer. Stored for ever: add cases, never change one. The owner is the stream's tenant.</summary>
public abstract record UploadEvent
{
    private UploadEvent() { }

    /// <summary>Space was set aside for bytes that come until the deadline, in one request or in many.</summary>
    /// <param name="File">The file that the bytes are meant for: an existing one, or a new one with the upload's UUID.</param>
    /// <param name="SizeBytes">As announced; null when the client has not said.</param>
    /// <param name="TokenDigest">SHA-256 (hex) of the random token in the upload's URL and its owner; empty when it has no URL.</param>
    public sealed record Begun(
        UploadId Upload, FileId File, FolderId Folder, [Personal] string Name, string ContentType, long? SizeBytes,
        [Hidden] string TokenDigest, NameConflict OnConflict, DateTimeOffset Until) : UploadEvent;

    /// <summary>
    /// Space was set aside for bytes that are meant for no file by themselves: together with those of other uploads they
    /// will make one.
    /// </summary>
    /// <param name="File">Bears the upload's UUID and never comes to be: its stream is where this stands.</param>
    /// <param name="SizeBytes">As announced; null when the client has not said.</param>
    /// <param name="TokenDigest">SHA-256 (hex) of the random token in the upload's URL and its owner.</param>
    public sealed record PartBegun(
        UploadId Upload, FileId File, long? SizeBytes, [Hidden] string TokenDigest, DateTimeOffset Until) : UploadEvent;

    /// <summary>An upload has no bytes of its own: it is made of those of these, one after the other.</summary>
    public sealed record Assembled(UploadId Upload, FileId File, ImmutableArray<UploadId> Parts) : UploadEvent;

    /// <summary>The bytes of a part are in the file that another upload became; its own are of no more use.</summary>
    /// <param name="Into">The upload that was made of it and of others.</param>
    /// <param name="IntoFile">The file that that one was meant for: in its stream the rest is told.</param>
    public sealed record Consumed(UploadId Upload, FileId File, UploadId Into, FileId IntoFile) : UploadEvent;

    /// <summary>All bytes are durable and became a version of a file.</summary>
    /// <param name="Version">1 for a new file.</param>
    /// <param name="Folder">Where a new file was put; for a later version, where the file was.</param>
    /// <param name="Sha256">Lower-case hex. Personal: it tells what the content is.</param>
    public sealed record Completed(
        UploadId Upload, FileId File, int Version, FolderId Folder, [Personal] string Name, string ContentType,
        long SizeBytes, [Personal] string Sha256, [Hidden] ObjectKey StoredAs) : UploadEvent;

    /// <summary>
    /// Its bytes are to become the next version of this very file, or nothing: whatever the file is called by then, and
    /// never a file of their own.
    /// </summary>
    /// <param name="IfVersion">The version that the client had seen; if another is the current one at the end, it is refused.</param>
    public sealed record Aimed(UploadId Upload, FileId File, int? IfVersion) : UploadEvent;

    /// <summary>A former version's bytes are a further version. Nothing was stored for it.</summary>
    /// <param name="Upload">The upload that once brought the bytes.</param>
    /// <param name="From">The former version.</param>
    /// <param name="Sha256">Lower-case hex. Personal: it tells what the content is.</param>
    public sealed record Reinstated(
        UploadId Upload, FileId File, int Version, int From, string ContentType, long SizeBytes, [Personal] string Sha256,
        [Hidden] ObjectKey StoredAs) : UploadEvent;

    /// <summary>The bytes of the version that is complete with the next event are a copy of another file's.</summary>
    /// <param name="Source">The file that was copied; it may be another owner's who let the person read it.</param>
    /// <param name="SourceVersion">Which version of it.</param>
    public sealed record Copied(UploadId Upload, FileId File, FileId Source, int SourceVersion) : UploadEvent;

    /// <summary>
    /// The file is another account's, with these versions: of each the bytes were written anew, under the new owner's key, and
    /// what was told of them under the former one's is told again.
    /// </summary>
    /// <param name="To">Whose the stream is from here on.</param>
    public sealed record HandedOver(FileId File, AccountId From, AccountId To, ImmutableArray<HandedVersion> Versions) : UploadEvent;

    /// <summary>Bytes still flow: the deadline moved.</summary>
    public sealed record Extended(UploadId Upload, FileId File, DateTimeOffset Until) : UploadEvent;

    /// <summary>The client said how many bytes there will be, which it had left open.</summary>
    public sealed record LengthAnnounced(UploadId Upload, FileId File, long SizeBytes) : UploadEvent;

    /// <summary>The client said which digest all bytes together will have: others become no file.</summary>
    /// <param name="Sha256">Lower-case hex. Personal: it tells what the content is.</param>
    public sealed record DigestAnnounced(UploadId Upload, FileId File, [Personal] string Sha256) : UploadEvent;

    /// <summary>
    /// Its bytes come in parts, each by a request of its own to where the store takes it, and are made one at the end.
    /// </summary>
    /// <param name="PartBytes">The size of each part; the last one has what is left.</param>
    public sealed record PartsPlanned(UploadId Upload, FileId File, long PartBytes) : UploadEvent;

    /// <summary>All parts are there, the client says, and so did the store: they are being made one and looked at.</summary>
    /// <param name="By">Who said so, and on whose behalf the file is made.</param>
    public sealed record Delivered(UploadId Upload, FileId File, AccountId By) : UploadEvent;

    /// <summary>
    /// All bytes are there and became a version of another file than they were meant for. That file's own stream holds
    /// the completion.
    /// </summary>
    /// <param name="File">The file that the bytes had been meant for.</param>
    /// <param name="Into">The file that has them.</param>
    public sealed record Redirected(UploadId Upload, FileId File, FileId Into, int Version) : UploadEvent;

    /// <summary>
    /// Its bytes are a version of a file that is there already, or are meant to become one: that file's own stream tells
    /// the rest. This stands in the stream that bears the upload's name, so that whoever finds the bytes finds the file.
    /// </summary>
    public sealed record Assigned(UploadId Upload, FileId File) : UploadEvent;

    /// <summary>
    /// It ended without a file: <c>cancelled</c>, <c>expired</c>, <c>refused</c>, <c>deleted</c> when the file was that it
    /// was aimed at, or <c>lost</c> when its bytes were found and nothing that told of them. Of one in parts, in place of
    /// <c>refused</c>, the code of the refusal: nobody waits for it.
    /// </summary>
    public sealed record Abandoned(UploadId Upload, FileId File, string Reason) : UploadEvent;
}

/// <summary>A version of a file that got another owner.</summary>
/// <param name="Upload">By which the file has its bytes; versions with the same bytes have the same one.</param>
/// <param name="Sha256">Lower-case hex. Personal: it tells what the content is.</param>
/// <param name="Label">What it was labelled; empty for nothing.</param>
public sealed record HandedVersion(
    int Version, UploadId Upload, string ContentType, long SizeBytes, [Personal] string Sha256, [Hidden] ObjectKey StoredAs,
    [Personal] string Label);

/// <summary>What to do when the folder has an entry of that name.</summary>
public enum NameConflict
{
    /// <summary>Keep both: the new one gets a number.</summary>
    Rename,

    /// <summary>Refuse the upload.</summary>
    Fail,

    /// <summary>The bytes become the next version of the file that is there.</summary>
    NewVersion,
}
