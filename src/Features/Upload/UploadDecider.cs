using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Upload.UploadCommand;
using static EventFiles.Features.Upload.UploadEvent;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>The transfers into one file, and how many of them became versions.</summary>
public sealed record UploadState(int LastVersion, ImmutableDictionary<UploadId, Transfer> Transfers)
{
    /// <summary>Whose the file is, once it was handed over; null while it is whose it was at first.</summary>
    public AccountId? Owner { get; init; }

    /// <summary>The upload that brought the current version's bytes.</summary>
    public UploadId? Current { get; init; }

    public Transfer? Of(UploadId upload) => Transfers.GetValueOrDefault(upload);

    /// <summary>No transfer is under way.</summary>
    public bool HasEnded => Transfers.Values.All(transfer => transfer.Stage != TransferStage.Open);

    /// <summary>The transfer whose URL holds the token of this digest.</summary>
    public Transfer? WithToken(string digest) =>
        Transfers.Values.FirstOrDefault(transfer => transfer.TokenDigest.Length > 0 && transfer.TokenDigest == digest);
}

/// <summary>One transfer as far as it has come.</summary>
/// <param name="File">The file that the bytes are meant for, or that has them once they are complete.</param>
/// <param name="SizeBytes">Null as long as the client has left it open.</param>
/// <param name="Version">The version that the bytes became; 0 before.</param>
public sealed record Transfer(
    UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long? SizeBytes, string TokenDigest,
    NameConflict OnConflict, DateTimeOffset Until, TransferStage Stage, int Version)
{
    /// <summary>The file that the bytes were meant for at first, when they became another's.</summary>
    public FileId Meant { get => field == default ? File : field; init; }

    /// <summary>Its bytes become a version of <see cref="File"/> or nothing.</summary>
    public bool IsAimed { get; init; }

    /// <summary>The version that must be the current one at the end; null for whatever it is.</summary>
    public int? IfVersion { get; init; }

    /// <summary>Whose file it is about: the tenant of its streams.</summary>
    public AccountId Owner { get; init; }

    /// <summary>What the client said of the digest of the whole: lower-case hex; null when it said nothing.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its bytes are meant for no file by themselves.</summary>
    public bool IsPart { get; init; }

    /// <summary>It was made of parts.</summary>
    public bool IsAssembled { get; init; }

    /// <summary>The size of the parts in which its bytes come, each by a request of its own; null when they come in order.</summary>
    public long? PartBytes { get; init; }

    /// <summary>Who said that all its parts are there; null as long as nobody has.</summary>
    public AccountId? DeliveredBy { get; init; }

    /// <summary>Why it ended without a file; null when it has not.</summary>
    public string? Reason { get; init; }

    /// <summary>One that is to be begun.</summary>
    internal static Transfer Of(UploadCommand.Begin begin, UploadDestination to) => new(
        begin.Upload, begin.File, begin.Folder, begin.Name, begin.ContentType, begin.SizeBytes, begin.TokenDigest,
        begin.OnConflict, begin.Until, TransferStage.Open, 0)
    {
        Owner = to.Owner,
        IsAimed = to.Target is not null,
        IfVersion = to.Target?.IfVersion,
    };

    /// <summary>The upload that was made of this part and of others, and the file that it was meant for.</summary>
    public (UploadId Upload, FileId File)? Into { get; init; }
}

/// <summary>How far a transfer is. A part is never complete: it is consumed.</summary>
public enum TransferStage { Open, Complete, Abandoned, Consumed }

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

        Aim aim when file.Of(aim.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Aim aim when file.Of(aim.Upload) is { IsAimed: true } => Decision<UploadEvent>.AlreadySo,
        Aim aim => new Aimed(aim.Upload, aim.File, aim.IfVersion),

        BeginPart begin when file.Of(begin.Upload) is not null => Decision<UploadEvent>.AlreadySo,
        BeginPart begin => new PartBegun(begin.Upload, begin.File, begin.SizeBytes, begin.TokenDigest, begin.Until),

        Assemble assemble when file.Of(assemble.Upload) is { IsAssembled: true } => Decision<UploadEvent>.AlreadySo,
        Assemble assemble when file.Of(assemble.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Assemble assemble => new Assembled(assemble.Upload, file.Of(assemble.Upload)!.File, assemble.Parts),

        Consume consume when file.Of(consume.Upload)?.Into is { } into && into.Upload == consume.Into => Decision<UploadEvent>.AlreadySo,
        Consume consume when file.Of(consume.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Consume consume when !file.Of(consume.Upload)!.IsPart => No.NotAPart,
        Consume consume => new Consumed(consume.Upload, file.Of(consume.Upload)!.File, consume.Into, consume.IntoFile),

        Extend extend when file.Of(extend.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Extend extend when extend.Until <= file.Of(extend.Upload)!.Until => Decision<UploadEvent>.AlreadySo,
        Extend extend => new Extended(extend.Upload, file.Of(extend.Upload)!.File, extend.Until),

        AnnounceLength length when file.Of(length.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        AnnounceLength length when file.Of(length.Upload)!.SizeBytes == length.SizeBytes => Decision<UploadEvent>.AlreadySo,
        AnnounceLength length when file.Of(length.Upload)!.SizeBytes is not null => No.OtherLength,
        AnnounceLength length => new LengthAnnounced(length.Upload, file.Of(length.Upload)!.File, length.SizeBytes),

        AnnounceDigest digest when file.Of(digest.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        AnnounceDigest digest when file.Of(digest.Upload)!.Sha256 == digest.Sha256 => Decision<UploadEvent>.AlreadySo,
        AnnounceDigest digest when file.Of(digest.Upload)!.Sha256 is not null => No.DigestMismatch,
        AnnounceDigest digest => new DigestAnnounced(digest.Upload, file.Of(digest.Upload)!.File, digest.Sha256),

        PlanParts plan when file.Of(plan.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        PlanParts plan when file.Of(plan.Upload)!.PartBytes is not null => Decision<UploadEvent>.AlreadySo,
        PlanParts plan => new PartsPlanned(plan.Upload, file.Of(plan.Upload)!.File, plan.PartBytes),

        Deliver deliver when file.Of(deliver.Upload) is { Stage: TransferStage.Complete } => Decision<UploadEvent>.AlreadySo,
        Deliver deliver when file.Of(deliver.Upload) is not { Stage: TransferStage.Open } => No.Ended,
        Deliver deliver when file.Of(deliver.Upload)!.PartBytes is null => No.Missing,
        Deliver deliver when file.Of(deliver.Upload)!.DeliveredBy is not null => Decision<UploadEvent>.AlreadySo,
        Deliver deliver => new Delivered(deliver.Upload, file.Of(deliver.Upload)!.File, deliver.By),

        Complete complete when file.Of(complete.Upload) is { Stage: TransferStage.Complete } => Decision<UploadEvent>.AlreadySo,
        Complete complete when file.Of(complete.Upload) is { Stage: TransferStage.Abandoned } or { IsPart: true } => No.Ended,
        Complete { IfVersion: { } seen } when seen != file.LastVersion => No.ChangedMeanwhile,
        Complete { Source: { } source } complete => new UploadEvent[]
        {
            new Copied(complete.Upload, complete.File, source.File, source.Version), Whole(file, complete),
        },
        Complete complete => Whole(file, complete),

        // Whoever asks twice, or after another, finds that it is so.
        Reinstate again when file.Current == again.Former.Upload => Decision<UploadEvent>.AlreadySo,
        Reinstate { Former: var former } => new Reinstated(
            former.Upload, former.File, file.LastVersion + 1, former.Version, former.ContentType, former.SizeBytes,
            former.Sha256, former.StoredAs),

        HandOver hand when file.Owner == hand.To => Decision<UploadEvent>.AlreadySo,
        HandOver hand => new UploadEvent.HandedOver(
            hand.File, hand.From, hand.To,
            [.. hand.Contents.Select(one => new HandedVersion(
                one.Version, one.Upload, one.ContentType, one.SizeBytes, one.Sha256, one.StoredAs, one.Label))]),

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
        Abandon abandon when file.Of(abandon.Upload) is { Stage: TransferStage.Consumed } => No.Ended,
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
        Aimed aimed => With(
            file, Known(file, aimed.Upload, aimed.File) with { IsAimed = true, IfVersion = aimed.IfVersion }),
        UploadEvent.HandedOver handed => file with
        {
            Owner = handed.To,
            Current = handed.Versions.FirstOrDefault(one => one.Version == file.LastVersion)?.Upload ?? file.Current,
        },
        Reinstated again => file with { LastVersion = again.Version, Current = again.Upload },
        PartBegun begun => With(file, new Transfer(
            begun.Upload, begun.File, default, "", "", begun.SizeBytes, begun.TokenDigest, default, begun.Until,
            TransferStage.Open, 0)
        {
            IsPart = true,
        }),
        Assembled assembled => With(file, Known(file, assembled.Upload, assembled.File) with { IsAssembled = true }),
        Consumed consumed => With(file, Known(file, consumed.Upload, consumed.File) with
        {
            Stage = TransferStage.Consumed,
            Into = (consumed.Into, consumed.IntoFile),
        }),
        Copied => file,
        Extended extended => With(file, Known(file, extended.Upload, extended.File) with { Until = extended.Until }),
        LengthAnnounced length => With(file, Known(file, length.Upload, length.File) with { SizeBytes = length.SizeBytes }),
        DigestAnnounced digest => With(file, Known(file, digest.Upload, digest.File) with { Sha256 = digest.Sha256 }),
        PartsPlanned planned => With(file, Known(file, planned.Upload, planned.File) with { PartBytes = planned.PartBytes }),
        Delivered delivered => With(file, Known(file, delivered.Upload, delivered.File) with { DeliveredBy = delivered.By }),
        Completed completed => With(
            file with { LastVersion = completed.Version, Current = completed.Upload },
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
            Meant = redirected.File,
            File = redirected.Into,
            Stage = TransferStage.Complete,
            Version = redirected.Version,
        }),
        Assigned assigned => With(file, Known(file, assigned.Upload, assigned.File) with { File = assigned.File }),
        Abandoned abandoned => With(
            file,
            Known(file, abandoned.Upload, abandoned.File) with { Stage = TransferStage.Abandoned, Reason = abandoned.Reason }),
        _ => throw new UnreachableException(),
    };

    private static UploadState With(UploadState file, Transfer transfer) =>
        file with { Transfers = file.Transfers.SetItem(transfer.Upload, transfer) };

    // A small upload has no beginning in the log: its one event is its end.
    private static Transfer Known(UploadState file, UploadId upload, FileId meant) => file.Of(upload) ?? new Transfer(
        upload, meant, default, "", "", null, "", default, default, TransferStage.Open, 0);
}
