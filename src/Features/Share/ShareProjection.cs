using System.Security.Cryptography;
using System.Text;
using static EventFiles.Features.Share.ShareEvent;

namespace EventFiles.Features.Share;

/// <summary>A share as it is kept for readers: names and addresses are looked up when it is shown.</summary>
/// <param name="By">Who gave it; null for the owner.</param>
public sealed record ShareEntry(
    ShareId Id, ShareTarget On, AccountId Owner, ShareGrantee Grantee, ShareRole Role, DateTimeOffset CreatedAt,
    DateTimeOffset? Until, bool MayShare, AccountId? By)
{
    /// <summary>The address that it was given to, as it was typed: all that is shown of who has it. Null for what was given otherwise.</summary>
    public string? Email { get; init; }

    /// <summary>The same in its compared form.</summary>
    public string? Key { get; init; }
}

internal static class ShareProjection
{
    /// <summary>Shares that end by themselves, by when.</summary>
    public const string Ending = "shares-ending";

    /// <summary>The shares of a file or folder, by when they began.</summary>
    public static string Of(ShareTarget on) => $"shares-of:{on}";

    /// <summary>What others share with an account or a group, by when they began to.</summary>
    public static string With(ShareGrantee grantee) => $"shared-with:{grantee}";

    /// <summary>What was offered to an address in its compared form, by when; the address itself stands in no index.</summary>
    public static string To(string key) => "offered-to:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));

    /// <summary>What an account shares of its own, by when it began to.</summary>
    public static string By(AccountId owner) => $"shared-by:{owner}";

    /// <summary>By share id; the shares of a file or folder stand in one stream.</summary>
    public static Projection<ShareEntry> Define() => new Projection<ShareEntry>("shares", version: 3)
        .On<Granted>(granted => granted.Share.ToString(), (entry, granted, happened) => new ShareEntry(
            granted.Share, granted.On, happened.Stream.Tenant, granted.Grantee, granted.Role, entry?.CreatedAt ?? happened.At,
            granted.Until, granted.MayShare, granted.By)
        {
            Email = entry?.Email,
            Key = entry?.Key,
        })
        .On<Offered>(offered => offered.Share.ToString(), (entry, offered, happened) => new ShareEntry(
            offered.Share, offered.On, happened.Stream.Tenant, entry?.Grantee ?? default, offered.Role,
            entry?.CreatedAt ?? happened.At, offered.Until, offered.MayShare, offered.By)
        {
            Email = offered.Email,
            Key = offered.Key,
        })
        .On<Changed>(changed => changed.Share.ToString(), (entry, changed, _) => entry is null ? null : entry with
        {
            Role = changed.Role,
            Until = changed.Until,
            MayShare = changed.MayShare,
        })
        .On<Withdrawn>(withdrawn => withdrawn.Share.ToString(), (_, _, _) => null)
        .On<Revoked>(revoked => revoked.Share.ToString(), (_, _, _) => null)
        .On<Ended>(ended => ended.Share.ToString(), (_, _, _) => null)
        .Indexed(Entries)
        .Recalled("share");

    private static IEnumerable<IndexEntry> Entries(ShareEntry share)
    {
        yield return new IndexEntry(Of(share.On), IndexEntry.Time(share.CreatedAt));
        if (share.Grantee != default)
            yield return new IndexEntry(With(share.Grantee), IndexEntry.Time(share.CreatedAt));
        if (share.Key is { } key)
            yield return new IndexEntry(To(key), IndexEntry.Time(share.CreatedAt));
        yield return new IndexEntry(By(share.Owner), IndexEntry.Time(share.CreatedAt));
        if (share.Until is { } until)
            yield return new IndexEntry(Ending, IndexEntry.Time(until));
    }
}
