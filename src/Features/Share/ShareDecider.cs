using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Share.ShareCommand;
using static EventFiles.Features.Share.ShareEvent;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>Only what a decision needs: one grant at most for each account and each group.</summary>
public sealed record ShareState(ImmutableDictionary<ShareGrantee, HeldGrant> Grants, bool IsClosed)
{
    public HeldGrant? Find(ShareId share) => Grants.Values.FirstOrDefault(grant => grant.Share == share);

    public bool Holds(Grant wanted) =>
        Grants.TryGetValue(wanted.Grantee, out var held)
        && (held.Role, held.Until, held.MayShare) == (wanted.Role, wanted.Until, wanted.MayShare);
}

/// <summary>A grant as it stands now.</summary>
/// <param name="By">Who gave it; null for the owner.</param>
public sealed record HeldGrant(
    ShareId Share, ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until, bool MayShare, AccountId? By);

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
        Grant grant when shares.Grants.TryGetValue(grant.Grantee, out var held) =>
            new Changed(grant.On, held.Share, grant.Grantee, grant.Role, grant.Until, grant.MayShare),
        Grant when shares.Grants.Count >= MaxGrants => No.TooMany,
        Grant grant => new Granted(grant.On, grant.Share, grant.Grantee, grant.Role, grant.Until, grant.MayShare, grant.By),

        Revoke revoke when shares.Find(revoke.Share) is { } held => new Revoked(revoke.On, held.Share, held.Grantee),
        Revoke => Decision<ShareEvent>.AlreadySo,

        // Its time may have been put off since somebody noted when it is due.
        End end when shares.Find(end.Share) is { } held && held.Until <= now => new Ended(end.On, held.Share, held.Grantee),
        End => Decision<ShareEvent>.AlreadySo,

        Close when shares.IsClosed => Decision<ShareEvent>.AlreadySo,
        // Nothing is put into a folder that is gone, grants included: where there are none, nothing is to be said.
        Close { On.IsFolder: true } when shares.Grants.IsEmpty => Decision<ShareEvent>.AlreadySo,
        Close close => Closing(shares, close.On),

        _ => throw new UnreachableException(),
    };

    private static ShareEvent[] Closing(ShareState shares, ShareTarget on) =>
    [
        .. shares.Grants.Values
            .OrderBy(held => held.Share.Value)
            .Select(held => new Revoked(on, held.Share, held.Grantee)),
        new Closed(on),
    ];

    private static ShareState Evolve(ShareState shares, ShareEvent happened) => happened switch
    {
        Granted granted => Holding(
            shares, new(granted.Share, granted.Grantee, granted.Role, granted.Until, granted.MayShare, granted.By)),
        Changed changed => Holding(
            shares,
            new(changed.Share, changed.Grantee, changed.Role, changed.Until, changed.MayShare, shares.Find(changed.Share)?.By)),
        Revoked revoked => shares with { Grants = shares.Grants.Remove(revoked.Grantee) },
        Ended ended => shares with { Grants = shares.Grants.Remove(ended.Grantee) },
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
