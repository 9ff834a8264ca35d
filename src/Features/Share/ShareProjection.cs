using static EventFiles.Features.Share.ShareEvent;

namespace EventFiles.Features.Share;

/// <summary>A share as it is kept for readers: names and addresses are looked up when it is shown.</summary>
/// <param name="By">Who gave it; null for the owner.</param>
public sealed record ShareEntry(
    ShareId Id, ShareTarget On, AccountId Owner, ShareGrantee Grantee, ShareRole Role, DateTimeOffset CreatedAt,
    DateTimeOffset? Until, bool MayShare, AccountId? By);

internal static class ShareProjection
{
    /// <summary>Shares that end by themselves, by when.</summary>
    public const string Ending = "shares-ending";

    /// <summary>The shares of a file or folder, by when they began.</summary>
    public static string Of(ShareTarget on) => $"shares-of:{on}";

    /// <summary>What others share with an account or a group, by when they began to.</summary>
    public static string With(ShareGrantee grantee) => $"shared-with:{grantee}";

    /// <summary>What an account shares of its own, by when it began to.</summary>
    public static string By(AccountId owner) => $"shared-by:{owner}";

    /// <summary>By share id; the shares of a file or folder stand in one stream.</summary>
    public static Projection<ShareEntry> Define() => new Projection<ShareEntry>("shares", version: 2)
        .On<Granted>(granted => granted.Share.ToString(), (_, granted, happened) => new ShareEntry(
            granted.Share, granted.On, happened.Stream.Tenant, granted.Grantee, granted.Role, happened.At, granted.Until,
            granted.MayShare, granted.By))
        .On<Changed>(changed => changed.Share.ToString(), (entry, changed, _) => entry is null ? null : entry with
        {
            Role = changed.Role,
            Until = changed.Until,
            MayShare = changed.MayShare,
        })
        .On<Revoked>(revoked => revoked.Share.ToString(), (_, _, _) => null)
        .On<Ended>(ended => ended.Share.ToString(), (_, _, _) => null)
        .Indexed(Entries)
        .Recalled("share");

    private static IEnumerable<IndexEntry> Entries(ShareEntry share)
    {
        yield return new IndexEntry(Of(share.On), IndexEntry.Time(share.CreatedAt));
        yield return new IndexEntry(With(share.Grantee), IndexEntry.Time(share.CreatedAt));
        yield return new IndexEntry(By(share.Owner), IndexEntry.Time(share.CreatedAt));
        if (share.Until is { } until)
            yield return new IndexEntry(Ending, IndexEntry.Time(until));
    }
}
