using static EventFiles.Features.Share.LinkEvent;

namespace EventFiles.Features.Share;

/// <summary>A link as it is kept for readers. Nothing in it opens the link.</summary>
public sealed record LinkEntry(
    LinkId Id, FileId File, AccountId Owner, string TokenDigest, bool HasPassword, LinkRole Role, DateTimeOffset CreatedAt,
    DateTimeOffset? Until, int? MaxDownloads, int Downloads)
{
    public bool HasEnded(DateTimeOffset now) => Until <= now || Downloads >= MaxDownloads;
}

internal static class LinkProjection
{
    /// <summary>The links of a file, by when they were made.</summary>
    public static string Of(FileId file) => $"links-of:{file}";

    /// <summary>The one link whose token has this digest.</summary>
    public static string ByToken(string digest) => $"link-by-token:{digest}";

    /// <summary>By link id. A revoked link is no more: to whoever has its token it never was.</summary>
    public static Projection<LinkEntry> Define() => new Projection<LinkEntry>("links")
        .On<Created>(created => created.Link.ToString(), (_, created, happened) => new LinkEntry(
            created.Link, created.File, happened.Stream.Tenant, created.TokenDigest, created.HasPassword, created.Role,
            happened.At, created.Until, created.MaxDownloads, Downloads: 0))
        .On<Used>(used => used.Link.ToString(), (entry, used, _) => entry is null ? null : entry with
        {
            Downloads = used.Downloads,
        })
        .On<Revoked>(revoked => revoked.Link.ToString(), (_, _, _) => null)
        .Indexed(entry =>
        [
            new IndexEntry(Of(entry.File), IndexEntry.Time(entry.CreatedAt)),
            new IndexEntry(ByToken(entry.TokenDigest), ""),
        ]);
}
