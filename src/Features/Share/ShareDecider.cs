using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Share.ShareCommand;
using static EventFiles.Features.Share.ShareEvent;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>Only what a decision needs: one grant at most for each account.</summary>
public sealed record ShareState(ImmutableDictionary<AccountId, HeldGrant> Grants, bool IsClosed)
{
    public HeldGrant? Find(ShareId share) => Grants.Values.FirstOrDefault(grant => grant.Share == share);

    public bool Holds(AccountId grantee, ShareRole role, DateTimeOffset? until) =>
        Grants.TryGetValue(grantee, out var held) && held.Role == role && held.Until == until;
}

/// <summary>A grant as it stands now.</summary>
public sealed record HeldGrant(ShareId Share, AccountId Grantee, ShareRole Role, DateTimeOffset? Until);

public static class ShareDecider
{
    /// <summary>How many accounts one file can be shared with: whoever asks for access loads all its grants.</summary>
    public const int MaxGrants = 1000;

    public static readonly Decider<ShareCommand, ShareState, ShareEvent> Decider = new(
        new ShareState(ImmutableDictionary<AccountId, HeldGrant>.Empty, IsClosed: false), Evolve, Decide);

    /// <summary>All grants of one file are one stream.</summary>
    public static StreamId StreamOf(AccountId owner, FileId file) => new($"share-{file}", owner);

    // Read from the top: the first row that matches is the rule. That the owner asks is made sure before.
    private static Decision<ShareEvent> Decide(ShareState shares, ShareCommand ask, DateTimeOffset now) => ask switch
    {
        Grant when shares.IsClosed => AccessRejection.NoSuchFile,
        Grant grant when grant.Grantee == grant.Owner => No.WithOneself,
        Grant grant when grant.Until <= now => No.AlreadyExpired,
        Grant grant when shares.Holds(grant.Grantee, grant.Role, grant.Until) => Decision<ShareEvent>.AlreadySo,
        Grant grant when shares.Grants.TryGetValue(grant.Grantee, out var held) =>
            new Changed(grant.File, held.Share, grant.Grantee, grant.Role, grant.Until),
        Grant when shares.Grants.Count >= MaxGrants => No.TooMany,
        Grant grant => new Granted(grant.File, grant.Share, grant.Grantee, grant.Role, grant.Until),

        Revoke revoke when shares.Find(revoke.Share) is { } held => new Revoked(revoke.File, held.Share, held.Grantee),
        Revoke => Decision<ShareEvent>.AlreadySo,

        // Its time may have been put off since somebody noted when it is due.
        End end when shares.Find(end.Share) is { } held && held.Until <= now => new Ended(end.File, held.Share, held.Grantee),
        End => Decision<ShareEvent>.AlreadySo,

        Close when shares.IsClosed => Decision<ShareEvent>.AlreadySo,
        Close close => Closing(shares, close.File),

        _ => throw new UnreachableException(),
    };

    private static ShareEvent[] Closing(ShareState shares, FileId file) =>
    [
        .. shares.Grants.Values
            .OrderBy(held => held.Share.Value)
            .Select(held => new Revoked(file, held.Share, held.Grantee)),
        new Closed(file),
    ];

    private static ShareState Evolve(ShareState shares, ShareEvent happened) => happened switch
    {
        Granted granted => Holding(shares, new(granted.Share, granted.Grantee, granted.Role, granted.Until)),
        Changed changed => Holding(shares, new(changed.Share, changed.Grantee, changed.Role, changed.Until)),
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

    public static readonly Rejection WithOneself = new(
        "share.with-oneself", RejectionKind.Invalid, "The owner has every right already.");

    public static readonly Rejection AlreadyExpired = new(
        "share.already-expired", RejectionKind.Invalid, "It would end before it begins.");

    public static readonly Rejection TooMany = new(
        "share.too-many", RejectionKind.Conflict, "A file is shared with 1000 accounts at most.");

    public static readonly Rejection NoSuchShare = new(
        "share.no-such-share", RejectionKind.Missing, "There is no such share.");
}
