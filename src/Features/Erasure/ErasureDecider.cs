using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Erasure.ErasureCommand;
using static EventFiles.Features.Erasure.ErasureEvent;
using No = EventFiles.Features.Erasure.ErasureRejection;

namespace EventFiles.Features.Erasure;

/// <summary>How far the erasure of a person or a file is.</summary>
/// <param name="Id">The last one that was asked for; null when none was.</param>
/// <param name="BeginsAt">When its time has come.</param>
/// <param name="Era">Whose key must go before old copies of the database are closed.</param>
public sealed record ErasureState(
    ErasureId? Id, ErasureStage Stage, DateTimeOffset BeginsAt, int HeldFiles, Guid? Era)
{
    /// <summary>The receipt that was issued last: A, then B, and held before as often as a hold kept something; null before.</summary>
    public string? Issued { get; init; }

    /// <summary>Those who are still to be told that their access ended: accounts, and shares that were offered.</summary>
    public ImmutableHashSet<Guid> Untold { get; init; } = [];

    /// <summary>The receipt that is to be issued now.</summary>
    public string? ToIssue => (Stage, Issued) switch
    {
        (ErasureStage.Held, null) => ErasureReceipt.Held,
        (ErasureStage.Erased, null or ErasureReceipt.Held) => "A",
        (ErasureStage.Done, not "B") => "B",
        _ => null,
    };
}

public enum ErasureStage
{
    /// <summary>Waiting until it cannot be cancelled any more.</summary>
    Requested,

    Cancelled,

    /// <summary>Files, folders, transfers, shares and links are being deleted.</summary>
    Deleting,

    /// <summary>A legal hold keeps the rest.</summary>
    Held,

    /// <summary>What events tell of the person is about to go.</summary>
    Forgetting,

    /// <summary>Every place is about to be looked at.</summary>
    Verifying,

    /// <summary>Nothing is left here; old copies of the database may still be opened.</summary>
    Erased,

    /// <summary>Nothing opens them any more.</summary>
    Done,
}

public static class ErasureDecider
{
    public static readonly Decider<ErasureCommand, ErasureState, ErasureEvent> Decider = new(
        new ErasureState(null, ErasureStage.Cancelled, default, 0, null), Evolve, Decide);

    /// <summary>All erasures of one person, or of one file, stand in one stream: there is one at a time.</summary>
    public static StreamId StreamOf(ErasureSubject subject) =>
        new(subject.File is { } file ? $"erasure-{file}" : $"erasure-{subject.Owner}", subject.Owner);

    // Read from the top: the first row that matches is the rule. From its beginning on there is no way back.
    private static Decision<ErasureEvent> Decide(ErasureState state, ErasureCommand ask, DateTimeOffset now) =>
        (ask, state.Stage) switch
        {
            (Request request, _) when state.Id == request.Erasure => Decision<ErasureEvent>.AlreadySo,
            (Request, not ErasureStage.Cancelled) => No.UnderWay,
            (Request { File: { } file } request, _) => new FileRequested(
                request.Erasure, file, request.Subject, request.By, request.Ground, request.BeginsAt, request.Deadline, request.TokenDigest),
            (Request request, _) => new Requested(
                request.Erasure, request.Subject, request.By, request.Ground, request.BeginsAt, request.Deadline, request.TokenDigest),

            (Cancel cancel, _) when state.Id != cancel.Erasure => No.NoSuchErasure,
            (Cancel, ErasureStage.Cancelled) => Decision<ErasureEvent>.AlreadySo,
            (Cancel cancel, ErasureStage.Requested) => new Cancelled(cancel.Erasure, cancel.By),
            (Cancel, _) => No.TooLate,

            (Begin { Inventory: var had } begin, ErasureStage.Requested) when state.Id == begin.Erasure && state.BeginsAt <= now => Beginning(
                begin.Erasure, new Begun(begin.Erasure, had.Files, had.Folders, had.Uploads, begin.Recipients.Accounts.Length), null, begin.Recipients),

            (BeginFile begin, ErasureStage.Requested) when state.Id == begin.Erasure && state.BeginsAt <= now => Beginning(
                begin.Erasure, new FileBegun(begin.Erasure, begin.Inventory.Versions, begin.Recipients.Accounts.Length), begin.File, begin.Recipients),

            (RecordTold told, _) when state.Id == told.Erasure && state.Untold.Contains(told.Recipient) => new RecipientTold(
                told.Erasure, told.Recipient, told.IsReached),

            (RecordHold hold, ErasureStage.Held) when state.HeldFiles == hold.Files => Decision<ErasureEvent>.AlreadySo,
            (RecordHold hold, ErasureStage.Deleting or ErasureStage.Held) => new Held(hold.Erasure, hold.Files),

            (RecordContent content, ErasureStage.Deleting or ErasureStage.Held) => new ContentDeleted(content.Erasure),
            (RecordFile { Remains: var was } gone, ErasureStage.Deleting or ErasureStage.Held) => new FileDeleted(
                gone.Erasure, was.Originals, was.Variants, was.Uploads, was.Bytes, was.Shared.Count),

            (RecordRemoval removal, ErasureStage.Forgetting) => new PersonalRemoved(
                removal.Erasure, Places(removal.Removed), removal.Key.Key, removal.Key.Era),

            (Verify verify, ErasureStage.Verifying) when verify.Looked.Any(one => one.Count > 0) => No.SomethingIsLeft,
            (Verify verify, ErasureStage.Verifying) => new Verified(verify.Erasure, Places(verify.Looked)),

            (CloseCopies copies, ErasureStage.Erased) => new CopiesClosed(copies.Erasure, copies.EraDestroyedAt),

            (Issue issue, _) when state.ToIssue == issue.Stage => new ReceiptIssued(issue.Erasure, issue.Stage, issue.Receipt),

            // A step that another worker was faster with.
            (Begin or BeginFile or RecordTold or RecordHold or RecordContent or RecordFile or RecordRemoval or Verify or CloseCopies or Issue, _) =>
                Decision<ErasureEvent>.AlreadySo,

            _ => throw new UnreachableException(),
        };

    private static ErasureEvent[] Beginning(ErasureId erasure, ErasureEvent begun, FileId? file, ErasureRecipients whose) =>
        whose is { Accounts.Length: 0, Invited.Length: 0 }
            ? [begun]
            : [begun, new RecipientsFound(erasure, file, whose.Accounts, whose.Invited)];

    private static ErasureState Evolve(ErasureState state, ErasureEvent happened) => happened switch
    {
        Requested requested => new ErasureState(requested.Erasure, ErasureStage.Requested, requested.BeginsAt, 0, null),
        FileRequested requested => new ErasureState(requested.Erasure, ErasureStage.Requested, requested.BeginsAt, 0, null),
        Cancelled => state with { Stage = ErasureStage.Cancelled },
        Begun or FileBegun => state with { Stage = ErasureStage.Deleting },
        RecipientsFound found => state with
        {
            Untold = [.. found.Accounts.Select(one => one.Value), .. found.Invited.Select(one => one.Share)],
        },
        RecipientTold told => state with { Untold = state.Untold.Remove(told.Recipient) },
        Held held => state with { Stage = ErasureStage.Held, HeldFiles = held.Files, Issued = null },
        ContentDeleted or FileDeleted => state with { Stage = ErasureStage.Forgetting },
        PersonalRemoved removed => state with { Stage = ErasureStage.Verifying, Era = removed.Era },
        // Who never had a key has nothing in old copies that a key would open.
        Verified => state with { Stage = ErasureStage.Erased },
        CopiesClosed => state with { Stage = ErasureStage.Done },
        ReceiptIssued issued => state with { Issued = issued.Stage },
        _ => throw new UnreachableException(),
    };

    private static ImmutableArray<ErasedPlace> Places(ImmutableArray<PersonalTrace> traces) =>
        [.. traces.Select(one => new ErasedPlace(one.Place, one.Count, one.Looked))];
}

public static class ErasureRejection
{
    public static readonly Rejection NoSuchErasure = new(
        "erasure.no-such-erasure", RejectionKind.Missing, "There is no such erasure.");

    public static readonly Rejection NoSuchAccount = new(
        "erasure.no-such-account", RejectionKind.Missing, "There is no such account.");

    /// <summary>What is not a whole file yet is cancelled, not erased.</summary>
    public static readonly Rejection StillUploading = new(
        "erasure.still-uploading", RejectionKind.Conflict, "The file's first upload is not complete: cancel the upload.");

    public static readonly Rejection AdministratorsOnly = new(
        "erasure.administrators-only", RejectionKind.Forbidden, "Only an administrator has another person erased.");

    public static readonly Rejection IsAdministrator = new(
        "erasure.administrator", RejectionKind.Conflict, "This account runs the installation: an administrator cannot be erased.");

    public static readonly Rejection UnderWay = new(
        "erasure.under-way", RejectionKind.Conflict, "The erasure of this was asked for already.");

    public static readonly Rejection TooLate = new(
        "erasure.too-late", RejectionKind.Gone, "The erasure has begun: it cannot be cancelled any more.");

    public static readonly Rejection NotYet = new(
        "erasure.no-receipt-yet", RejectionKind.Conflict, "There is no receipt yet: the erasure has not come to its end.");

    /// <summary>Never reaches a client: the step is taken again.</summary>
    public static readonly Rejection SomethingIsLeft = new(
        "erasure.something-is-left", RejectionKind.Conflict, "Something of it is left.");
}
