using static EventFiles.Features.Share.LinkEvent;

namespace EventFiles.Features.Share;

/// <summary>A link as it is kept for readers. Nothing in it opens the link.</summary>
/// <param name="On">The file that is read by it, or the folder that files are brought into.</param>
/// <param name="Role">Null for a folder.</param>
public sealed record LinkEntry(
    LinkId Id, ShareTarget On, AccountId Owner, string TokenDigest, bool HasPassword, LinkRole? Role, DateTimeOffset CreatedAt,
    DateTimeOffset? Until, int? MaxDownloads, int Downloads)
{
    /// <summary>What is asked for; null for a file.</summary>
    public InboxTerms? Inbox { get; init; }

    public bool HasEnded(DateTimeOffset now) =>
        Until <= now || Downloads >= MaxDownloads || Inbox?.Uploads >= Inbox?.MaxUploads;
}

/// <summary>What the owner of a folder asks for, and how much of it has come.</summary>
public sealed record InboxTerms(string Title, int? MaxUploads, long? MaxFileBytes, int Uploads);

internal static class LinkProjection
{
    /// <summary>The links of a file or folder, by when they were made.</summary>
    public static string Of(ShareTarget on) => $"links-of:{on}";

    /// <summary>All links of an account, by when they were made.</summary>
    public static string By(AccountId owner) => $"links-by:{owner}";

    /// <summary>The one link whose token has this digest.</summary>
    public static string ByToken(string digest) => $"link-by-token:{digest}";

    /// <summary>By link id. A revoked link is no more: to whoever has its token it never was.</summary>
    public static Projection<LinkEntry> Define() => new Projection<LinkEntry>("links", version: 3)
        .On<Created>(created => created.Link.ToString(), (_, created, happened) => new LinkEntry(
            created.Link, created.File, happened.Stream.Tenant, created.TokenDigest, created.HasPassword, created.Role,
            happened.At, created.Until, created.MaxDownloads, Downloads: 0))
        .On<Used>(used => used.Link.ToString(), (entry, used, _) => entry is null ? null : entry with
        {
            Downloads = used.Downloads,
        })
        .On<PassedOn>(passed => passed.Link.ToString(), (entry, _, happened) => entry is null ? null : entry with { Owner = happened.Stream.Tenant })
        .On<Revoked>(revoked => revoked.Link.ToString(), (_, _, _) => null)
        .On<InboxEvent.Opened>(opened => opened.Link.ToString(), (_, opened, happened) => new LinkEntry(
            opened.Link, opened.Folder, happened.Stream.Tenant, opened.TokenDigest, opened.HasPassword, Role: null,
            happened.At, opened.Until, MaxDownloads: null, Downloads: 0)
        {
            Inbox = new InboxTerms(opened.Title, opened.MaxUploads, opened.MaxFileBytes, Uploads: 0),
        })
        .On<InboxEvent.Received>(received => received.Link.ToString(), (entry, received, _) => entry is null ? null : entry with
        {
            Inbox = entry.Inbox! with { Uploads = received.Uploads },
        })
        .On<InboxEvent.Closed>(closed => closed.Link.ToString(), (_, _, _) => null)
        .Indexed(entry =>
        [
            new IndexEntry(Of(entry.On), IndexEntry.Time(entry.CreatedAt)),
            new IndexEntry(By(entry.Owner), IndexEntry.Time(entry.CreatedAt)),
            new IndexEntry(ByToken(entry.TokenDigest), ""),
        ]);
}
