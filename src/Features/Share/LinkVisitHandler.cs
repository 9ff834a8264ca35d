using MediatR;
using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>What anybody does who has a link's token.</summary>
internal sealed class LinkVisitHandler(
    IStreams streams, IReadModel<LinkEntry> links, IReadModel<AccessView> access, IFiles files, IScans scans, IObjects objects,
    LinkDoor door, TimeProvider clock) :
    IRequestHandler<ReadLink, Answer<LinkTarget>>,
    IRequestHandler<DownloadLink, Answer<LinkContent>>,
    IRequestHandler<ReadLinkThumbnail, Answer<LinkContent>>
{
    private const string Thumbnail = "thumbnail";

    public async Task<Answer<LinkTarget>> Handle(ReadLink request, CancellationToken cancellationToken) =>
        await door.Enter(request.Visit, cancellationToken) switch
        {
            Answer<LinkEntry>.Yes({ Inbox: { } inbox } link, _) => new LinkTarget(
                inbox.Title, 0, "", link.HasPassword, link.Until, DownloadsLeft: null, HasThumbnail: false)
            {
                Access = LinkAccess.Upload,
                UploadsLeft = inbox.MaxUploads - inbox.Uploads,
                MaxFileBytes = inbox.MaxFileBytes,
            },
            var entered => (await Open(entered, cancellationToken)).Map(opened => new LinkTarget(
                opened.File.Name, opened.File.SizeBytes, opened.File.ContentType, opened.Link.HasPassword, opened.Link.Until,
                opened.Link.MaxDownloads - opened.Link.Downloads, ThumbnailOf(opened.File) is not null)),
        };

    public async Task<Answer<LinkContent>> Handle(DownloadLink request, CancellationToken cancellationToken)
    {
        var answer = await OpenClean(request.Visit, cancellationToken);
        if (answer is not Answer<Opened>.Yes(var (link, file), _))
            return answer.Refusal!;
        if (await objects.OpenWhole(file.StoredAs, file.SizeBytes, cancellationToken) is not { } content)
            return No.NoSuchLink;

        // The bytes are at hand before the download is counted, and counted before the first of them is sent.
        LinkCommand command = request.IsWhole(file.Sha256!) ? new LinkCommand.Use() : new LinkCommand.Continue();
        Answer<LinkContent>? counted = null;
        try
        {
            counted = await streams.Transact<LinkContent>(async transaction =>
                await transaction.Decide(
                    LinkDecider.StreamOf(link.Owner, file.Id, link.Id), LinkDecider.Decider, command) is { } no
                    ? no
                    : new LinkContent(Watched(content, link), file.ContentType, file.Sha256!, file.Sha256, file.Name, file.ModifiedAt), cancellationToken);
            return counted;
        }
        finally
        {
            if (counted is not Answer<LinkContent>.Yes)
                await content.DisposeAsync();
        }
    }

    public async Task<Answer<LinkContent>> Handle(ReadLinkThumbnail request, CancellationToken cancellationToken)
    {
        var answer = await OpenClean(request.Visit, cancellationToken);
        if (answer is not Answer<Opened>.Yes(var (_, file), _))
            return answer.Refusal!;
        if (ThumbnailOf(file) is not { } thumbnail)
            return No.NoThumbnail;
        if (await objects.Open(ObjectKey.Variant(file.Id, file.Version, thumbnail.Name), cancellationToken) is not { } content)
            return No.NoThumbnail;
        return new LinkContent(
            content, thumbnail.ContentType, $"{file.Sha256}-{thumbnail.Name}", null, file.Name, file.ModifiedAt);
    }

    // A download that was counted goes on when the link's time or number is used up, and stops when it is taken back.
    private WatchedStream Watched(Stream content, LinkEntry link) => new(
        content,
        async cancel => await links.Find(link.Id.ToString(), cancel) is not null
            && await access.Find(link.On.ToString(), cancel) is { State: FileState.Present },
        clock);

    private static FileVariant? ThumbnailOf(FileSummary file) =>
        file.Variants.FirstOrDefault(variant => string.Equals(variant.Name, Thumbnail, StringComparison.Ordinal));

    private async Task<Answer<Opened>> OpenClean(LinkVisit visit, CancellationToken cancel) =>
        await Open(await door.Enter(visit, cancel), cancel) switch
        {
            Answer<Opened>.Yes({ File: var file } opened, _) =>
                (await scans.Of(file.Id, file.Version, cancel)).ToReader(isOwner: false) switch
                {
                    null => opened,
                    var closed when closed == ScanRejection.Infected => No.Infected,
                    var closed => closed,
                },
            var answer => answer,
        };

    private async Task<Answer<Opened>> Open(Answer<LinkEntry> entered, CancellationToken cancel)
    {
        if (entered is not Answer<LinkEntry>.Yes(var link, _))
            return entered.Refusal!;
        if (link.On.AsFile() is not { } on)
            return No.ForUploads;
        return await files.Find(on, cancel) is { Sha256: not null } file ? new Opened(link, file) : No.NoSuchLink;
    }

    private sealed record Opened(LinkEntry Link, FileSummary File);
}
