using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Upload.UploadCommand;
using static EventFiles.Features.Upload.UploadEvent;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>The transfers into one file, and how many of them became versions.</summary>
public sealed record UploadState(int LastVersion, ImmutableDictionary<UploadId, Transfer> Transfers)
{
    public Transfer? Of(UploadId upload) => Transfers.GetValueOrDefault(upload);

    /// <summary>No transfer is under way.</summary>
    public bool HasEnded => Transfers.Values.All(transfer => transfer.Stage != TransferStage.Open);

    /// <summary>The transfer whose URL holds the token of this digest.</summary>
    public Transfer? WithToken(string digest) =>
        Transfers.Values.FirstOrDefault(transfer => transfer.TokenDigest.Length > 0 && transfer.TokenDigest == digest);
}

/// <summary>One transfer as far as it has come.</summary>
/// <param name="File">The file that the bytes are meant for, or that has them once they are complete.</param>
/// <param name="Version">The version that the bytes became; 0 before.</param>
public sealed record Transfer(
    UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long? SizeBytes, string TokenDigest,
    NameConflict OnConflict, DateTimeOffset Until, TransferStage Stage, int Version);

public enum TransferStage { Open, Complete, Abandoned }

public static class UploadDecider
{
    public static readonly Decider<UploadCommand, UploadState, UploadEvent> Decider = new(
        new UploadState(0, ImmutableDictionary<UploadId, Transfer>.Empty), Evolve, Decide);

    /// <summary>All transfers into a file are one stream: whoever adds a version waits for whoever was first.</summary>
    public static StreamId StreamOf(FileId file, AccountId owner) => new($"upload-{file}", owner);

    /// <summary>
    /// The stream that bears the upload's own name. It tells of all bytes in the object store but those that are about to
    /// be committed, and those that were lost just before.
    /// </summary>
    public static StreamId OwnStreamOf(UploadId upload, AccountId owner) => StreamOf(NewFileOf(upload), owner);

    /// <summary>The file that comes into being by this upload, when it is not a version of one that is there.</summary>
    public static FileId NewFileOf(UploadId upload) => new(upload.Value);

    // Read from the top: the first row that matches is the rule. An end is final: complete and abandoned exclude each other.
    private static Decision<UploadEvent> Decide(UploadState file, UploadCommand ask, DateTimeOffset now) => ask switch
    {
        Begin begin when file.Of(begin.Upload) is not null => Decision<UploadEvent>.AlreadySo,
        Begin begin => new Begun(
            begin.Upload, begin.File, begin.Folder, begin.Name, begin.ContentType, begin.SizeBytes, begin.TokenDigest,
            begin.OnConflict, begin.Until),

        Extend extend when file.Of(extend.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Extend extend when extend.Until <= file.Of(extend.Upload)!.Until => Decision<UploadEvent>.AlreadySo,
        Extend extend => new Extended(extend.Upload, file.Of(extend.Upload)!.File, extend.Until),

        Complete complete when file.Of(complete.Upload) is { Stage: TransferStage.Complete } => Decision<UploadEvent>.AlreadySo,
        Complete complete when file.Of(complete.Upload) is { Stage: TransferStage.Abandoned } => No.Ended,
        Complete { Source: { } source } complete => new UploadEvent[]
        {
            new Copied(complete.Upload, complete.File, source.File, source.Version), Whole(file, complete),
        },
        Complete complete => Whole(file, complete),

        Redirect redirect when file.Of(redirect.Upload) is { Stage: TransferStage.Complete } => Decision<UploadEvent>.AlreadySo,
        Redirect redirect when file.Of(redirect.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Redirect redirect => new Redirected(
            redirect.Upload, file.Of(redirect.Upload)!.File, redirect.Into, redirect.Version),

        Assign assign when file.Of(assign.Upload) is null => new Assigned(assign.Upload, assign.File),
        Assign assign when file.Of(assign.Upload) is { Stage: TransferStage.Abandoned } => No.Ended,
        Assign => Decision<UploadEvent>.AlreadySo,

        Disown disown when file.Of(disown.Upload) is null => new Abandoned(disown.Upload, disown.File, "lost"),
        Disown disown when file.Of(disown.Upload) is { Stage: TransferStage.Abandoned } => Decision<UploadEvent>.AlreadySo,
        Disown => No.NotLost,

        Abandon abandon when file.Of(abandon.Upload) is { Stage: TransferStage.Complete } => No.AlreadyComplete,
        Abandon abandon when file.Of(abandon.Upload) is { Stage: TransferStage.Abandoned } => Decision<UploadEvent>.AlreadySo,
        Abandon abandon => new Abandoned(abandon.Upload, abandon.File, abandon.Reason),

        _ => throw new UnreachableException(),
    };

    private static Completed Whole(UploadState file, Complete complete) => new(
        complete.Upload, complete.File, file.LastVersion + 1, complete.Folder, complete.Name, complete.ContentType,
        complete.SizeBytes, complete.Sha256, complete.StoredAs);

    private static UploadState Evolve(UploadState file, UploadEvent happened) => happened switch
    {
        Begun begun => With(file, new Transfer(
            begun.Upload, begun.File, begun.Folder, begun.Name, begun.ContentType, begun.SizeBytes, begun.TokenDigest,
            begun.OnConflict, begun.Until, TransferStage.Open, 0)),
        Copied => file,
        Extended extended => With(file, Known(file, extended.Upload, extended.File) with { Until = extended.Until }),
        Completed completed => With(
            file with { LastVersion = completed.Version },
            Known(file, completed.Upload, completed.File) with
            {
                Folder = completed.Folder,
                Name = completed.Name,
                ContentType = completed.ContentType,
                SizeBytes = completed.SizeBytes,
                Stage = TransferStage.Complete,
                Version = completed.Version,
            }),
        Redirected redirected => With(file, Known(file, redirected.Upload, redirected.File) with
        {
            File = redirected.Into,
            Stage = TransferStage.Complete,
            Version = redirected.Version,
        }),
        Assigned assigned => With(file, Known(file, assigned.Upload, assigned.File) with { File = assigned.File }),
        Abandoned abandoned => With(
            file, Known(file, abandoned.Upload, abandoned.File) with { Stage = TransferStage.Abandoned }),
        _ => throw new UnreachableException(),
    };

    private static UploadState With(UploadState file, Transfer transfer) =>
        file with { Transfers = file.Transfers.SetItem(transfer.Upload, transfer) };

    // A small upload has no beginning in the log: its one event is its end.
    private static Transfer Known(UploadState file, UploadId upload, FileId meant) => file.Of(upload) ?? new Transfer(
        upload, meant, default, "", "", null, "", default, default, TransferStage.Open, 0);
}

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

    public static readonly Rejection BadLength = new(
        "upload.bad-length", RejectionKind.Malformed, "Upload-Length is a number of bytes, 0 or more, and must be there.");

    public static readonly Rejection BadOffset = new(
        "upload.bad-offset", RejectionKind.Malformed, "Upload-Offset is a number of bytes, 0 or more, and must be there.");

    public static readonly Rejection BadMetadata = new(
        "upload.bad-metadata", RejectionKind.Malformed,
        "Upload-Metadata is a comma-separated list of unique keys, each with a space and its value in base64.");

    public static readonly Rejection BadOverride = new(
        "upload.bad-override", RejectionKind.Malformed, "X-HTTP-Method-Override is HEAD, PATCH or DELETE here.");
}
