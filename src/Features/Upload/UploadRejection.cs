namespace EventFiles.Features.Upload;

/// <summary>What uploads refuse.</summary>
public static class UploadRejection
{
    public static readonly Rejection TooLarge = new(
        "upload.too-large", RejectionKind.TooLarge, "The file is larger than this server takes.");

    public static readonly Rejection TypeRefused = new(
        "upload.type-refused", RejectionKind.Unsupported, "This server does not take files of that type.");

    public static readonly Rejection NotMultipart = new(
        "upload.not-multipart", RejectionKind.Unsupported, "Send the file as multipart/form-data.");

    public static readonly Rejection NoBoundary = new(
        "upload.no-boundary", RejectionKind.Malformed, "The Content-Type names no usable boundary.");

    public static readonly Rejection BrokenBody = new(
        "upload.broken-body", RejectionKind.Malformed, "The body ended early or cannot be read.");

    public static readonly Rejection NoFile = new(
        "upload.no-file", RejectionKind.Invalid, "The form has no part named \"file\".");

    public static readonly Rejection TwoFiles = new(
        "upload.two-files", RejectionKind.Malformed, "The form has more than one file; send one file in each request.");

    public static readonly Rejection TooManyFields = new(
        "upload.too-many-fields", RejectionKind.Malformed, "The form has too many or too long fields besides the file.");

    public static readonly Rejection BadField = new(
        "upload.bad-field", RejectionKind.Invalid, "A field beside the file has no usable value.");

    public static readonly Rejection SourceUnreadable = new(
        "upload.source-unreadable", RejectionKind.Conflict, "The file that was to be copied has no content that can be read now.");

    public static readonly Rejection Missing = new(
        "upload.missing", RejectionKind.Missing, "There is no such upload.");

    public static readonly Rejection Ended = new(
        "upload.ended", RejectionKind.Gone, "The upload was cancelled, refused or has expired.");

    public static readonly Rejection AlreadyComplete = new(
        "upload.already-complete", RejectionKind.Conflict, "The upload is a file by now: delete the file.");

    public static readonly Rejection NotLost = new(
        "upload.not-lost", RejectionKind.Conflict, "The log tells of the upload.");

    public static readonly Rejection ChangedMeanwhile = new(
        "upload.changed-meanwhile", RejectionKind.Stale,
        "The file has changed since you looked: look again before you give it another version.");

    public static readonly Rejection InUse = new(
        "upload.in-use", RejectionKind.Conflict, "Another request is writing to this upload.");

    public static readonly Rejection WrongOffset = new(
        "upload.wrong-offset", RejectionKind.Conflict, "Upload-Offset is not where the upload stands.");

    public static readonly Rejection BeyondLength = new(
        "upload.beyond-length", RejectionKind.TooLarge, "The body goes beyond the Upload-Length that was announced.");

    public static readonly Rejection NotOffsetStream = new(
        "upload.not-offset-stream", RejectionKind.Unsupported, "Send the bytes as application/offset+octet-stream.");

    public static readonly Rejection OtherTusVersion = new(
        "upload.other-tus-version", RejectionKind.Stale, "Send Tus-Resumable: 1.0.0.");

    public static readonly Rejection OtherDraft = new(
        "upload.other-draft", RejectionKind.Malformed, "Upload-Draft-Interop-Version is one of 3 to 8 here.");

    public static readonly Rejection BadComplete = new(
        "upload.bad-complete", RejectionKind.Malformed,
        "Upload-Complete is ?1 when these are the last bytes and ?0 when more follow; before interop version 4, Upload-Incomplete "
        + "says the opposite.");

    public static readonly Rejection NotPartialUpload = new(
        "upload.not-partial-upload", RejectionKind.Unsupported, "Send the bytes as application/partial-upload.");

    public static readonly Rejection BadLength = new(
        "upload.bad-length", RejectionKind.Malformed, "Upload-Length is a number of bytes, 0 or more, and must be there, or Upload-Defer-Length: 1 instead.");

    public static readonly Rejection OtherLength = new(
        "upload.other-length", RejectionKind.Malformed, "The upload's length was said before, or its end shown, and is another.");

    public static readonly Rejection BadConcat = new(
        "upload.bad-concat", RejectionKind.Malformed,
        "Upload-Concat is partial, or final; and the URLs of partial uploads of this server, each once, with spaces between "
        + "them. A final upload has neither a length nor a body of its own.");

    public static readonly Rejection TooManyParts = new(
        "upload.too-many-parts", RejectionKind.Malformed, $"A final upload is made of at most {UploadOptions.MaxParts} partial ones.");

    public static readonly Rejection NotAPart = new(
        "upload.not-a-part", RejectionKind.Malformed, "One of the uploads is no partial upload.");

    public static readonly Rejection UnfinishedPart = new(
        "upload.unfinished-part", RejectionKind.Conflict, "One of the partial uploads does not have all its bytes yet.");

    public static readonly Rejection Final = new(
        "upload.final", RejectionKind.Forbidden, "A final upload consists of its partial ones: nothing can be added to it.");

    public static readonly Rejection BadChecksum = new(
        "upload.bad-checksum", RejectionKind.Malformed,
        "Upload-Checksum is an algorithm of Tus-Checksum-Algorithm, a space, and the digest of the body in base64.");

    public static readonly Rejection ChecksumMismatch = new(
        "upload.checksum-mismatch", RejectionKind.Corrupted, "The body is not what Upload-Checksum says: nothing of it was kept.");

    public static readonly Rejection BadDigest = new(
        "upload.bad-digest", RejectionKind.Malformed,
        "Content-Digest and Repr-Digest are lists such as sha-256=:base64:, with digests of the right length.");

    public static readonly Rejection DigestMismatch = new(
        "upload.digest-mismatch", RejectionKind.Malformed, "The bytes are not what Content-Digest or Repr-Digest says.");

    public static readonly Rejection BadOffset = new(
        "upload.bad-offset", RejectionKind.Malformed, "Upload-Offset is a number of bytes, 0 or more, and must be there.");

    public static readonly Rejection BadMetadata = new(
        "upload.bad-metadata", RejectionKind.Malformed,
        "Upload-Metadata is a comma-separated list of unique keys, each with a space and its value in base64.");

    public static readonly Rejection BadOverride = new(
        "upload.bad-override", RejectionKind.Malformed, "X-HTTP-Method-Override is HEAD, PATCH or DELETE here.");

    public static readonly Rejection DirectUnavailable = new(
        "upload.direct-unavailable", RejectionKind.Conflict,
        "This server sends no client to its store: nobody has switched it on, or what is stored is encrypted on its way. "
        + "Upload through the server.");

    public static readonly Rejection NoSuchPart = new(
        "upload.no-such-part", RejectionKind.Invalid, "The upload has no such parts, or too many are asked for at once.");

    public static readonly Rejection MissingPart = new(
        "upload.missing-part", RejectionKind.Conflict, "The store does not have all parts yet, or not with all their bytes.");

    public static readonly Rejection Delivered = new(
        "upload.delivered", RejectionKind.Conflict, "All parts were there and are being made a file: none can be sent any more.");

    public static readonly Rejection BadAddress = new(
        "upload.bad-address", RejectionKind.Forbidden, "The address was not given out here, or its time is over: ask for another.");

    public static readonly Rejection WrongPartSize = new(
        "upload.wrong-part-size", RejectionKind.Malformed,
        "The body has another number of bytes than the address is for, or does not say how many it has.");

    public static readonly Rejection PartsAtOnce = new(
        "upload.parts-at-once", RejectionKind.Busy, "Too many parts of the upload come at once.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>What a refusal that was kept means; refused in any case.</summary>
    internal static Rejection OfCode(string? code) => Array.Find(KeptRefusals, one => one.Code == code) ?? Ended;

    // What making a file of bytes that are all there may refuse.
    private static readonly Rejection[] KeptRefusals =
    [
        DigestMismatch, TypeRefused, MissingPart, ChangedMeanwhile, TooLarge, EntryName.Taken, FolderRejection.NoSuchFolder,
        AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. AllowanceRejection.All,
    ];
}
