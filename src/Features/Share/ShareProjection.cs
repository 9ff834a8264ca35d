using static EventFiles.Features.Share.ShareEvent;

namespace EventFiles.Features.Share;

/// <summary>A share as it is kept for readers: names and addresses are looked up when it is shown.</summary>
public sealed record ShareEntry(
    ShareId Id, FileId File, AccountId Owner, AccountId Grantee, ShareRole Role, DateTimeOffset CreatedAt,
    DateTimeOffset? Until);

internal static class ShareProjection
{
    /// <summary>Shares that end by themselves, by when.</summary>
    public const string Ending = "shares-ending";

    /// <summary>The shares of a file, by when they began.</summary>
    public static string Of(FileId file) => $"shares-of:{file}";

    /// <summary>What others share with an account, by when they began to.</summary>
    public static string With(AccountId grantee) => $"shared-with:{grantee}";

    /// <summary>By share id; the shares of a file stand in one stream.</summary>
    public static Projection<ShareEntry> Define() => new Projection<ShareEntry>("shares")
        .On<Granted>(granted => granted.Share.ToString(), (_, granted, happened) => new ShareEntry(
            granted.Share, granted.File, happened.Stream.Tenant, granted.Grantee, granted.Role, happened.At, granted.Until))
        .On<Changed>(changed => changed.Share.ToString(), (entry, changed, _) => entry is null ? null : entry with
        {
            Role = changed.Role,
            Until = changed.Until,
        })
        .On<Revoked>(revoked => revoked.Share.ToString(), (_, _, _) => null)
        .On<Ended>(ended => ended.Share.ToString(), (_, _, _) => null)
        .Indexed(Entries)
        .Recalled("share");

    private static IEnumerable<IndexEntry> Entries(ShareEntry share)
    {
        yield return new IndexEntry(Of(share.File), IndexEntry.Time(share.CreatedAt));
        yield return new IndexEntry(With(share.Grantee), IndexEntry.Time(share.CreatedAt));
        if (share.Until is { } until)
            yield return new IndexEntry(Ending, IndexEntry.Time(until));
    }
}
