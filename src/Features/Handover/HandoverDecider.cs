using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Handover.HandoverCommand;
using static EventFiles.Features.Handover.HandoverEvent;
using No = EventFiles.Features.Handover.HandoverRejection;

namespace EventFiles.Features.Handover;

/// <summary>The last transfer of one file or folder, and how far it has come.</summary>
/// <param name="Id">Null before the first.</param>
/// <param name="Pages">What is still to be done; the last one comes next.</param>
/// <param name="Bytes">How many there are together, as was found when it was accepted.</param>
/// <param name="Outcome">Null while it is open or under way.</param>
public sealed record HandoverState(
    HandoverId? Id, Guid Entry, bool IsFolder, AccountId From, AccountId To, KeptRole? Keeps, FolderId? Into, DateTimeOffset Until,
    ImmutableList<HandedPage> Pages, long Bytes, int FilesMoved, long BytesMoved, int Failures, string? Outcome)
{
    public bool IsOffered => Id is not null && Outcome is null && Into is null;

    public bool IsRunning => Outcome is null && Into is not null;

    /// <summary>What goes over now; null when nothing does.</summary>
    public HandedPage? Due => IsRunning && !Pages.IsEmpty ? Pages[^1] : null;

    /// <summary>What is set aside for files that are still to come.</summary>
    public long LeftBytes => Math.Max(0, Bytes - BytesMoved);
}

/// <summary>A page of a folder that goes over.</summary>
/// <param name="Of">Null for what was offered itself.</param>
/// <param name="Cursor">Where it begins; null for the folder's beginning.</param>
public sealed record HandedPage(FolderId? Of, int Page, string? Cursor);

public static class HandoverDecider
{
    public static readonly Decider<HandoverCommand, HandoverState, HandoverEvent> Decider = new(
        new HandoverState(null, default, false, default, default, null, null, default, [], 0, 0, 0, 0, null), Evolve, Decide);

    /// <summary>All transfers of one file or folder are one stream: there is one at a time.</summary>
    public static StreamId StreamOf(Guid entry, AccountId from) => new($"handover-{entry}", from);

    // Read from the top: the first row that matches is the rule. An end is final.
    private static Decision<HandoverEvent> Decide(HandoverState now, HandoverCommand ask, DateTimeOffset at) => ask switch
    {
        Offer offer when offer.To == offer.From => No.ToOneself,
        Offer offer when offer.Until <= at => No.AlreadyExpired,
        Offer offer when now.Id == offer.Handover => Decision<HandoverEvent>.AlreadySo,
        Offer when now.IsRunning || (now.IsOffered && at < now.Until) => No.Pending,
        Offer offer when now.IsOffered => new HandoverEvent[] { new Ended(now.Id!.Value, "expired"), Offering(offer) },
        Offer offer => Offering(offer),

        _ when now.Id != IdOf(ask) => No.Missing,

        Accept when now.IsRunning || now.Outcome is "done" or "incomplete" => Decision<HandoverEvent>.AlreadySo,
        Accept when !now.IsOffered || at >= now.Until => No.Over,
        Accept accept => new Accepted(accept.Handover, accept.Into, accept.Files, accept.Bytes, accept.Until),

        Decline when now.Outcome is "declined" => Decision<HandoverEvent>.AlreadySo,
        Withdraw when now.Outcome is "withdrawn" => Decision<HandoverEvent>.AlreadySo,
        Decline or Withdraw when now.IsRunning || now.Outcome is "done" or "incomplete" => No.Accepted,
        Decline or Withdraw when !now.IsOffered => No.Over,
        Decline decline => new Ended(decline.Handover, "declined"),
        Withdraw withdraw => new Ended(withdraw.Handover, "withdrawn"),

        Expire when !now.IsOffered || at < now.Until => Decision<HandoverEvent>.AlreadySo,
        Expire expire => new Ended(expire.Handover, "expired"),

        NotePage page when now.Due is not { } due || (due.Of, due.Page) != (page.Of, page.Page) => Decision<HandoverEvent>.AlreadySo,
        NotePage page when Evolve(now, Noted(now, page)) is { Pages.IsEmpty: true } last =>
            new HandoverEvent[] { Noted(now, page), new Ended(page.Handover, last.Failures == 0 ? "done" : "incomplete") },
        NotePage page => Noted(now, page),

        _ => throw new UnreachableException(),
    };

    private static HandoverId IdOf(HandoverCommand ask) => ask switch
    {
        Offer offer => offer.Handover,
        Accept accept => accept.Handover,
        Decline decline => decline.Handover,
        Withdraw withdraw => withdraw.Handover,
        Expire expire => expire.Handover,
        NotePage page => page.Handover,
        _ => throw new UnreachableException(),
    };

    private static Offered Offering(Offer offer) => new(
        offer.Handover, offer.Entry, offer.IsFolder, offer.To, offer.Email, offer.Keeps, offer.Until)
    {
        From = offer.From,
    };

    private static PageMoved Noted(HandoverState now, NotePage page) => new(
        page.Handover, page.Of, page.Page, now.FilesMoved + page.Files, now.BytesMoved + page.Bytes, page.Failures, page.Folders,
        page.Next, page.Until);

    private static HandoverState Evolve(HandoverState now, HandoverEvent happened) => happened switch
    {
        Offered offered => Decider.Initial with
        {
            Id = offered.Handover,
            Entry = offered.Entry,
            IsFolder = offered.IsFolder,
            From = offered.From,
            To = offered.To,
            Keeps = offered.Keeps,
            Until = offered.Until,
        },
        Accepted accepted => now with
        {
            Into = accepted.Into,
            Bytes = accepted.Bytes,
            Until = accepted.Until,
            Pages = [new HandedPage(null, 1, null)],
        },
        PageMoved page => now with
        {
            Pages = After(now.Pages, page),
            FilesMoved = page.FilesSoFar,
            BytesMoved = page.BytesSoFar,
            Failures = now.Failures + page.Failures.Length,
            Until = page.Until,
        },
        Ended ended => now with { Outcome = ended.Outcome, Pages = [] },
        _ => throw new UnreachableException(),
    };

    // A folder's own pages come first, then what is in its folders: so the list of what is due stays short.
    private static ImmutableList<HandedPage> After(ImmutableList<HandedPage> pages, PageMoved page)
    {
        var done = pages[^1];
        var rest = pages.RemoveAt(pages.Count - 1).AddRange(page.Folders.Select(folder => new HandedPage(folder, 1, null)));
        return page.Next.Length == 0 ? rest : rest.Add(done with { Page = done.Page + 1, Cursor = page.Next });
    }
}

public static class HandoverRejection
{
    public static readonly Rejection Missing = new(
        "handover.not-found", RejectionKind.Missing, "There is no such transfer of ownership.");

    public static readonly Rejection ToOneself = new(
        "handover.to-oneself", RejectionKind.Invalid, "It is yours already.");

    public static readonly Rejection NoSuchAccount = new(
        "handover.no-such-account", RejectionKind.Invalid, "Nobody is known by that address or id.");

    public static readonly Rejection AlreadyExpired = new(
        "handover.already-expired", RejectionKind.Invalid, "It would end before it begins.");

    public static readonly Rejection Pending = new(
        "handover.pending", RejectionKind.Conflict, "It is offered to somebody already: withdraw that first.");

    public static readonly Rejection Over = new(
        "handover.over", RejectionKind.Gone, "It is not offered any more.");

    public static readonly Rejection Accepted = new(
        "handover.accepted", RejectionKind.Conflict, "It was accepted.");

    public static readonly Rejection Root = new(
        "handover.root", RejectionKind.Conflict, "The root folder stays its owner's: transfer a folder in it.");

    public static readonly Rejection TooMany = new(
        "handover.too-many", RejectionKind.TooLarge, "The folder holds more than can be transferred at once.");
}
