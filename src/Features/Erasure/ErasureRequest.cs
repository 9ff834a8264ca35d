using FluentValidation;
using MediatR;

namespace EventFiles.Features.Erasure;

/// <summary>Somebody wants to be erased.</summary>
/// <param name="Address">Where the request comes from, for the limit on failed attempts.</param>
public sealed record EraseMe(Caller By, string Password, string Address) : IRequest<Answer<RequestedErasure>>, IAsked;

/// <summary>An administrator has somebody erased.</summary>
/// <param name="Immediately">Without the time in which it can be cancelled.</param>
/// <param name="Deadline">By when it should be done; null for the usual.</param>
public sealed record EraseAccount(Caller By, AccountId Account, ErasureGround Ground, bool Immediately, DateTimeOffset? Deadline)
    : IRequest<Answer<RequestedErasure>>, IAsked;

/// <summary>A file's owner, or an administrator, has it erased, in the trash or not, deleted for good or not.</summary>
/// <param name="Immediately">Without the time in which it can be cancelled.</param>
/// <param name="Deadline">By when it should be done; null for the usual.</param>
public sealed record EraseFile(Caller By, FileId File, ErasureGround Ground, bool Immediately, DateTimeOffset? Deadline)
    : IRequest<Answer<RequestedErasure>>, IAsked;

/// <summary>Whoever may ask for it leaves it.</summary>
public sealed record CancelErasure(Caller By, ErasureId Erasure) : IRequest<Answer<ErasureView>>, IAsked;

/// <summary>How it stands; for the person, administrators and auditors, and whoever has the receipt's token.</summary>
/// <param name="By">Null for somebody who is not signed in.</param>
public sealed record ReadErasure(Caller? By, string? Token, ErasureId Erasure) : IRequest<Answer<ErasureView>>;

/// <summary>What can be shown of it afterwards; for the same.</summary>
/// <param name="By">Null for somebody who is not signed in.</param>
public sealed record ReadReceipt(Caller? By, string? Token, ErasureId Erasure) : IRequest<Answer<IssuedReceipt>>;

/// <summary>Takes the next steps of an erasure, as far as they go now.</summary>
/// <param name="From">Where it stood when this was asked for: each step is other work, and is not kept waiting for the one before.</param>
/// <param name="File">The file that is erased; null for the person.</param>
public sealed record ContinueErasure(ErasureId Erasure, AccountId Owner, ErasureStage From, FileId? File = null) : IWork
{
    /// <summary>What is erased.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ErasureSubject What => new(Owner, File);
}

/// <summary>Those whose access ends are told so, each by a letter of their own.</summary>
/// <param name="File">The file that is erased; null for a person.</param>
public sealed record TellRecipients(ErasureId Erasure, AccountId Owner, FileId? File) : IWork;

/// <summary>One of them is.</summary>
/// <param name="File">The file that is erased; null for a person.</param>
/// <param name="Recipient">The account, or the share that was offered.</param>
public sealed record TellRecipient(ErasureId Erasure, AccountId Owner, FileId? File, Guid Recipient) : IWork;

/// <summary>Looks again at the erasures that wait for the end of a hold or an era.</summary>
public sealed record ResumeErasures : IRequest<Answer<Done>>;

/// <summary>An erasure that was asked for.</summary>
/// <param name="ReceiptToken">Shows how it stands, and the receipt, when nobody can sign in any more. It is told once.</param>
public sealed record RequestedErasure(ErasureView Erasure, string ReceiptToken);

/// <summary>What can be shown of an erasure.</summary>
/// <param name="Stage">held: a legal hold keeps something, and the rest waits. A: nothing is left in the living system. B: old copies of the database do not open either.</param>
/// <param name="EventId">The event of the log that holds the receipt, word for word.</param>
/// <param name="Receipt">The receipt: JSON, exactly as it stands in the event.</param>
/// <param name="Proof">That the event is in the signed log (tlog-proof); null for the seconds until a checkpoint covers it.</param>
/// <param name="Before">What was signed of the log last before the erasure was asked for, and that the log of the proof grew from it; null when nothing had been, and without a proof.</param>
public sealed record IssuedReceipt(string Stage, Guid EventId, string Receipt, string? Proof, EarlierLog? Before);

/// <summary>How an erasure stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">
/// requested (can be cancelled), cancelled, deleting, held (a legal hold keeps the rest), forgetting, verifying, erased
/// (receipt A), or done (receipt B).
/// </param>
/// <param name="Ground">Why.</param>
/// <param name="RequestedBy">subject (the person), owner (of the file), administrator, or journal: a restored log was told what had been erased before.</param>
/// <param name="BeginsAt">Until then it can be cancelled.</param>
/// <param name="Deadline">By when it should be done.</param>
/// <param name="ChangedAt">When the last step was taken.</param>
/// <param name="HeldFiles">How many files a legal hold keeps.</param>
public sealed record ErasureView(
    ErasureId Id, ErasureStage Status, ErasureGround Ground, string RequestedBy, DateTimeOffset RequestedAt,
    DateTimeOffset BeginsAt, DateTimeOffset Deadline, DateTimeOffset ChangedAt, int HeldFiles)
{
    /// <summary>The one file that is erased; null when it is an account.</summary>
    public FileId? File { get; init; }
}

internal sealed class EraseMeShape : AbstractValidator<EraseMe>
{
    public EraseMeShape() => RuleFor(ask => ask.Password).NotEmpty().MaximumLength(1024);
}

internal sealed class EraseAccountShape : AbstractValidator<EraseAccount>
{
    public EraseAccountShape() => RuleFor(ask => ask.Ground).IsInEnum();
}

internal sealed class EraseFileShape : AbstractValidator<EraseFile>
{
    public EraseFileShape() => RuleFor(ask => ask.Ground).IsInEnum();
}
