using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Share.ShareCommand;
using static EventFiles.Features.Share.ShareEvent;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>Only what a decision needs: one grant at most for each account and each group.</summary>
public sealed record ShareState(ImmutableDictionary<ShareGrantee, HeldGrant> Grants, bool IsClosed)
{
    /// <summary>What was offered to addresses, taken or not: one offer at most for each.</summary>
    public ImmutableDictionary<ShareId, HeldOffer> Offers { get; init; } = ImmutableDictionary<ShareId, HeldOffer>.Empty;

    /// <summary>What was offered to an address in its compared form.</summary>
    public HeldOffer? OfferTo(string key) => Offers.Values.FirstOrDefault(offer => offer.Key == key);

    public HeldGrant? Find(ShareId share) => Grants.Values.FirstOrDefault(grant => grant.Share == share);

    public bool Holds(Grant wanted) =>
        Grants.TryGetValue(wanted.Grantee, out var held)
        && (held.Role, held.Until, held.MayShare) == (wanted.Role, wanted.Until, wanted.MayShare);
}

/// <summary>A grant as it stands now.</summary>
/// <param name="By">Who gave it; null for the owner.</param>
public sealed record HeldGrant(
    ShareId Share, ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until, bool MayShare, AccountId? By);

/// <summary>An offer as it stands now.</summary>
/// <param name="Key">The address in its compared form; erased with the account that took it.</param>
/// <param name="By">Who gave it; null for the owner.</param>
/// <param name="TakenBy">The account that has it; null while there is none.</param>
public sealed record HeldOffer(
    ShareId Share, string Email, string Key, ShareRole Role, DateTimeOffset? Until, bool MayShare, AccountId? By, AccountId? TakenBy);

public static class ShareDecider
{
    /// <summary>How many accounts and groups it can be shared with: whoever asks for access loads all its grants.</summary>
    public const int MaxGrants = 1000;

    public static readonly Decider<ShareCommand, ShareState, ShareEvent> Decider = new(
        new ShareState(ImmutableDictionary<ShareGrantee, HeldGrant>.Empty, IsClosed: false), Evolve, Decide);

    /// <summary>All grants of one file or one folder are one stream.</summary>
    public static StreamId StreamOf(AccountId owner, ShareTarget on) => new($"share-{on}", owner);

    // Read from the top: the first row that matches is the rule. That who asks may share is made sure before.
    private static Decision<ShareEvent> Decide(ShareState shares, ShareCommand ask, DateTimeOffset now) => ask switch
    {
        Grant grant when shares.IsClosed => grant.On.IsFolder ? FolderRejection.NoSuchFolder : AccessRejection.NoSuchFile,
        Grant grant when grant.Grantee == grant.Owner => No.WithOneself,
        Grant grant when grant.Until <= now => No.AlreadyExpired,
        Grant { Role: ShareRole.Uploader, On.IsFolder: false } => No.OnlyIntoFolders,
        Grant { Role: not ShareRole.Editor, MayShare: true } => No.OnlyEditorsShare,
        // Whoever may share because the owner lets them, gives what they have and passes that leave on to nobody.
        Grant { By: not null, MayShare: true } => No.OwnersOnly,
        // It would outlive what the owner gave them.
        Grant { By: { } giver } grant when grant.Grantee == giver => No.OwnersOnly,
        Grant { By: { } giver } grant when shares.Grants.TryGetValue(grant.Grantee, out var held) && held.By != giver => No.OwnersOnly,
        Grant grant when shares.Holds(grant) => Decision<ShareEvent>.AlreadySo,
        Grant grant when shares.Grants.TryGetValue(grant.Grantee, out var held) => Changing(
            grant.On, shares.Offers.GetValueOrDefault(held.Share), held, grant.Role, grant.Until, grant.MayShare),
        Grant when Shared(shares) >= MaxGrants => No.TooMany,
        Grant grant => new Granted(grant.On, grant.Share, grant.Grantee, grant.Role, grant.Until, grant.MayShare, grant.By),

        Offer offer when shares.IsClosed => offer.On.IsFolder ? FolderRejection.NoSuchFolder : AccessRejection.NoSuchFile,
        Offer offer when offer.Until <= now => No.AlreadyExpired,
        Offer { Role: ShareRole.Uploader, On.IsFolder: false } => No.OnlyIntoFolders,
        Offer { Role: not ShareRole.Editor, MayShare: true } => No.OnlyEditorsShare,
        Offer { By: not null, MayShare: true } => No.OwnersOnly,
        Offer { By: { } giver } offer when shares.OfferTo(offer.Key) is { } held && held.By != giver => No.OwnersOnly,
        Offer offer when shares.OfferTo(offer.Key) is { } held
            && (held.Role, held.Until, held.MayShare) == (offer.Role, offer.Until, offer.MayShare) => Decision<ShareEvent>.AlreadySo,
        Offer offer when shares.OfferTo(offer.Key) is { } held => Changing(
            offer.On, held with { Email = offer.Email }, shares.Find(held.Share), offer.Role, offer.Until, offer.MayShare),
        Offer when Shared(shares) >= MaxGrants => No.TooMany,
        Offer offer => new Offered(
            offer.On, offer.Share, offer.Email, offer.Key, offer.Role, offer.Until, offer.MayShare, offer.By),

        // Whether an address is somebody's is told to nobody: what cannot be taken waits like what nobody takes.
        Take take when shares.IsClosed || !shares.Offers.ContainsKey(take.Share) => Decision<ShareEvent>.AlreadySo,
        // An address may be another's later: it was taken once, by who had it then.
        Take take when shares.Offers[take.Share].TakenBy is { } taker && taker != take.Account => Decision<ShareEvent>.AlreadySo,
        Take take when take.Account == take.Owner || take.Account == shares.Offers[take.Share].By => Decision<ShareEvent>.AlreadySo,
        Take take when shares.Offers[take.Share].Until <= now => Decision<ShareEvent>.AlreadySo,
        Take take => Taking(shares, take, shares.Offers[take.Share]),

        HandOver hand => HandingOver(shares, hand),

        Revoke revoke when shares.Offers.ContainsKey(revoke.Share) => Withdrawing(shares, revoke.On, revoke.Share),
        Revoke revoke when shares.Find(revoke.Share) is { } held => new Revoked(revoke.On, held.Share, held.Grantee),
        Revoke => Decision<ShareEvent>.AlreadySo,

        End end when shares.Offers.GetValueOrDefault(end.Share) is { } offer && offer.Until <= now => Withdrawing(shares, end.On, end.Share),
        // Its time may have been put off since somebody noted when it is due.
        End end when shares.Find(end.Share) is { } held && held.Until <= now => new Ended(end.On, held.Share, held.Grantee),
        End => Decision<ShareEvent>.AlreadySo,

        Close when shares.IsClosed => Decision<ShareEvent>.AlreadySo,
        // Nothing is put into a folder that is gone, grants included: where there are none, nothing is to be said.
        Close { On.IsFolder: true } when shares.Grants.IsEmpty && shares.Offers.IsEmpty => Decision<ShareEvent>.AlreadySo,
        Close close => Closing(shares, close.On),

        _ => throw new UnreachableException(),
    };

    private static ShareEvent[] Closing(ShareState shares, ShareTarget on) =>
    [
        .. shares.Grants.Values
            .OrderBy(held => held.Share.Value)
            .Select(held => new Revoked(on, held.Share, held.Grantee)),
        .. shares.Offers.Keys.OrderBy(share => share.Value).Select(share => new Withdrawn(on, share)),
        new Closed(on),
    ];

    // A grant and the offer that it was taken by are one share, counted once: else counting would tell who has an account.
    private static int Shared(ShareState shares) =>
        shares.Offers.Count + shares.Grants.Values.Count(grant => !shares.Offers.ContainsKey(grant.Share));

    // They say the same at all times, and what an offer says stands in what was offered alone.
    private static ShareEvent[] Changing(
        ShareTarget on, HeldOffer? offer, HeldGrant? grant, ShareRole role, DateTimeOffset? until, bool mayShare) =>
    [
        .. offer is null ? Array.Empty<ShareEvent>()
            : [new Offered(on, offer.Share, offer.Email, offer.Key, role, until, mayShare, offer.By)],
        .. grant is null ? Array.Empty<ShareEvent>() : [new Changed(on, grant.Share, grant.Grantee, role, until, mayShare)],
    ];

    // What they have already, by whomever, stays: an offer gives and takes nothing away. That it was taken is known all the
    // same, so that the address goes with the account.
    private static ShareEvent[] Taking(ShareState shares, Take take, HeldOffer offer) =>
    [
        .. offer.TakenBy is null ? [new Taken(take.On, take.Share, take.Account)] : Array.Empty<ShareEvent>(),
        .. shares.Grants.ContainsKey(take.Account) ? Array.Empty<ShareEvent>()
            : [new Granted(
                take.On, take.Share, take.Account, offer.Role, offer.Until, offer.MayShare, offer.MayShare ? null : offer.By)],
    ];

    // What stands is said again, as the new owner's: else it would be found under the former one's name, and go with their key.
    private static ShareEvent[] HandingOver(ShareState shares, HandOver hand) =>
    [
        .. shares.Grants.TryGetValue(hand.To, out var theirs)
            ? [new Revoked(hand.On, theirs.Share, theirs.Grantee)]
            : Array.Empty<ShareEvent>(),
        .. shares.Offers.Values.Where(offer => offer.TakenBy == hand.To).OrderBy(offer => offer.Share.Value)
            .Select(offer => new Withdrawn(hand.On, offer.Share)),
        .. shares.Offers.Values.Where(offer => offer.TakenBy != hand.To && offer.Key != PersonalAttribute.Erased).OrderBy(offer => offer.Share.Value)
            .Select(offer => new Offered(
                hand.On, offer.Share, offer.Email, offer.Key, offer.Role, offer.Until, offer.MayShare, offer.By == hand.To ? null : offer.By)),
        .. shares.Grants.Values.Where(held => held.Grantee != hand.To && held.Grantee != hand.From).OrderBy(held => held.Share.Value)
            .Select(held => new Granted(
                hand.On, held.Share, held.Grantee, held.Role, held.Until, held.MayShare, held.By == hand.To ? null : held.By)),
        .. hand.Keeps is { } role
            ? [new Granted(hand.On, hand.Kept, hand.From, role, null)]
            : Array.Empty<ShareEvent>(),
    ];

    private static ShareEvent[] Withdrawing(ShareState shares, ShareTarget on, ShareId share) =>
        shares.Find(share) is { } held
            ? [new Revoked(on, share, held.Grantee), new Withdrawn(on, share)]
            : [new Withdrawn(on, share)];

    private static ShareState Evolve(ShareState shares, ShareEvent happened) => happened switch
    {
        Granted granted => Holding(
            shares, new(granted.Share, granted.Grantee, granted.Role, granted.Until, granted.MayShare, granted.By)),
        Changed changed => Holding(
            shares,
            new(changed.Share, changed.Grantee, changed.Role, changed.Until, changed.MayShare, shares.Find(changed.Share)?.By)),
        Revoked revoked => shares with { Grants = shares.Grants.Remove(revoked.Grantee) },
        Ended ended => shares with { Grants = shares.Grants.Remove(ended.Grantee) },
        Offered offered => shares with
        {
            Offers = shares.Offers.SetItem(
                offered.Share,
                new(
                    offered.Share, offered.Email, offered.Key, offered.Role, offered.Until, offered.MayShare, offered.By,
                    shares.Offers.GetValueOrDefault(offered.Share)?.TakenBy)),
        },
        Taken taken => shares with
        {
            Offers = shares.Offers.SetItem(taken.Share, shares.Offers[taken.Share] with { TakenBy = taken.Account }),
        },
        Withdrawn withdrawn => shares with { Offers = shares.Offers.Remove(withdrawn.Share) },
        Closed => shares with { IsClosed = true },
        _ => throw new UnreachableException(),
    };

    private static ShareState Holding(ShareState shares, HeldGrant grant) =>
        shares with { Grants = shares.Grants.SetItem(grant.Grantee, grant) };
}

public static class ShareRejection
{
    public static readonly Rejection NoSuchAccount = new(
        "share.no-such-account", RejectionKind.Invalid, "Nobody is known by that address or id.");

    public static readonly Rejection OnlyIntoFolders = new(
        "share.only-into-folders", RejectionKind.Invalid, "Who may only upload needs a folder to upload into.");

    public static readonly Rejection OnlyEditorsShare = new(
        "share.only-editors-share", RejectionKind.Invalid, "Only editors can be allowed to share.");

    public static readonly Rejection OwnersOnly = new(
        "share.owners-only", RejectionKind.Forbidden,
        "Somebody else gave this: only they and the owner may change it, and only the owner lets others share.");

    public static readonly Rejection Root = new(
        "share.root", RejectionKind.Conflict, "The root folder is not shared; share a folder in it.");

    public static readonly Rejection WithOneself = new(
        "share.with-oneself", RejectionKind.Invalid, "The owner has every right already.");

    public static readonly Rejection AlreadyExpired = new(
        "share.already-expired", RejectionKind.Invalid, "It would end before it begins.");

    public static readonly Rejection TooMany = new(
        "share.too-many", RejectionKind.Conflict, "It is shared with 1000 accounts and groups at most.");

    public static readonly Rejection NoSuchShare = new(
        "share.no-such-share", RejectionKind.Missing, "There is no such share.");
}
