using FluentValidation;
using MediatR;

namespace EventFiles.Features.Handover;

/// <summary>Offers a file, or a folder with all that is in it, to another account.</summary>
/// <param name="To">An account's id or an e-mail address.</param>
/// <param name="Keeps">What the owner may afterwards; null for nothing.</param>
/// <param name="Until">When the offer ends by itself; null for in two weeks.</param>
public sealed record OfferHandover(Caller By, HandedEntry Entry, string? To, KeptRole? Keeps, DateTimeOffset? Until) :
    IRequest<Answer<HandoverReply>>, IAsked;

/// <summary>How a transfer stands, for its two sides.</summary>
public sealed record ReadHandover(Caller By, HandoverId Handover) : IRequest<Answer<HandoverReply>>, IAsked;

/// <summary>The caller's transfers, the latest first.</summary>
/// <param name="Direction">Those that others offer, or those that the caller does.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListHandovers(Caller By, HandoverDirection Direction, string? Cursor, int Limit) :
    IRequest<Answer<Page<HandoverReply>>>, IAsked;

/// <summary>Takes what is offered.</summary>
/// <param name="Into">A folder of the caller's; null for the root.</param>
public sealed record AcceptHandover(Caller By, HandoverId Handover, FolderId? Into) : IRequest<Answer<HandoverReply>>, IAsked;

/// <summary>Does not take it.</summary>
public sealed record DeclineHandover(Caller By, HandoverId Handover) : IRequest<Answer<Done>>, IAsked;

/// <summary>Takes an offer back.</summary>
public sealed record WithdrawHandover(Caller By, HandoverId Handover) : IRequest<Answer<Done>>, IAsked;

/// <summary>Hands over what is due.</summary>
/// <param name="Owner">Whose it was at the beginning.</param>
public sealed record ContinueHandover(HandoverId Handover, Guid Entry, AccountId Owner) : IWork;

/// <summary>Ends an offer that nobody answered.</summary>
public sealed record ExpireHandover(HandoverId Handover, Guid Entry, AccountId Owner) : IWork;

/// <summary>Removes a former owner's bytes of a file, and writes what was made of it anew under the new one's key.</summary>
/// <param name="Owner">The former owner.</param>
public sealed record SettleHandover(FileId File, AccountId Owner, AccountId To) : IWork;

/// <summary>A file or a folder.</summary>
public readonly record struct HandedEntry(Guid Id, bool IsFolder) : INamesTarget
{
    // Kept in views, and so no property of its own.
    RequestTarget INamesTarget.Target => new(AsFile(), AsFolder(), null);

    /// <summary>Null for a folder.</summary>
    public FileId? AsFile() => IsFolder ? null : new FileId(Id);

    /// <summary>Null for a file.</summary>
    public FolderId? AsFolder() => IsFolder ? new FolderId(Id) : null;
}

/// <summary>Which transfers.</summary>
public enum HandoverDirection { Incoming, Outgoing }

/// <summary>A transfer of ownership.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">offered, running, done, incomplete (something stays with the former owner), declined, withdrawn or expired.</param>
/// <param name="FileId">The file; null for a folder.</param>
/// <param name="FolderId">The folder; null for a file.</param>
/// <param name="Name">What it is called; null for whom it is neither theirs nor offered to, any more or yet.</param>
/// <param name="From">Who offers it.</param>
/// <param name="To">Whom it is offered to.</param>
/// <param name="Keeps">What who offers it may afterwards: viewer, commenter or editor; null for nothing.</param>
/// <param name="CreatedAt">When it was offered.</param>
/// <param name="ExpiresAt">When the offer ends by itself; null once it was answered.</param>
/// <param name="Files">How many files there were when it was accepted; 0 before.</param>
/// <param name="FilesMoved">How many have gone over.</param>
/// <param name="Bytes">How many bytes their versions had; 0 before.</param>
/// <param name="BytesMoved">How many have gone over.</param>
/// <param name="Failures">What stays with the former owner, and why: the first hundred.</param>
public sealed record HandoverReply(
    HandoverId Id, string Status, FileId? FileId, FolderId? FolderId, string? Name, HandoverParty From, HandoverParty To,
    KeptRole? Keeps, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, int Files, int FilesMoved, long Bytes, long BytesMoved,
    IReadOnlyList<HandoverFailureView> Failures);

/// <summary>One side of a transfer.</summary>
/// <param name="Id">The account; null for who was named by an address and has not accepted: whether it is anybody's is told to nobody.</param>
/// <param name="Email">Its address; null when the account is gone. As it was typed, for who was named by it.</param>
/// <param name="DisplayName">Its name; null when it is gone, and where the id is.</param>
public sealed record HandoverParty(AccountId? Id, string? Email, string? DisplayName)
{
    public static HandoverParty Of(AccountId id, AccountCard? card) => new(id, card?.Email, card?.DisplayName);
}

/// <summary>A file or folder that stays with the former owner.</summary>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="Code">The code of the problem.</param>
public sealed record HandoverFailureView(Guid Id, string Code);

internal sealed class OfferHandoverShape : AbstractValidator<OfferHandover>
{
    public OfferHandoverShape()
    {
        // 320 is the longest e-mail address there can be.
        RuleFor(ask => ask.To).NotEmpty().MaximumLength(320);
        RuleFor(ask => ask.Keeps).IsInEnum();
    }
}

internal sealed class ListHandoversShape : AbstractValidator<ListHandovers>
{
    public ListHandoversShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Direction).IsInEnum();
    }
}
