using MediatR;
using No = EventFiles.Features.Share.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>What anybody does who has a link's token.</summary>
internal sealed class LinkVisitHandler(
    IStreams streams, IReadModel<LinkEntry> links, IReadModel<AccessView> access, IFiles files, IScans scans, IObjects objects,
    IPasswords passwords, LinkTries tries, TimeProvider clock) :
    IRequestHandler<ReadLink, Answer<LinkTarget>>,
    IRequestHandler<DownloadLink, Answer<LinkContent>>,
    IRequestHandler<ReadLinkThumbnail, Answer<LinkContent>>
{
    private const string Thumbnail = "thumbnail";

    public async Task<Answer<LinkTarget>> Handle(ReadLink request, CancellationToken cancellationToken) =>
        (await Open(request.Visit, cancellationToken)).Map(opened => new LinkTarget(
            opened.File.Name, opened.File.SizeBytes, opened.File.ContentType, opened.Link.HasPassword, opened.Link.Until,
            opened.Link.MaxDownloads - opened.Link.Downloads, ThumbnailOf(opened.File) is not null));

    public async Task<Answer<LinkContent>> Handle(DownloadLink request, CancellationToken cancellationToken)
    {
        var answer = await OpenClean(request.Visit, cancellationToken);
        if (answer is not Answer<Opened>.Yes(var (link, file), _))
            return answer.Refusal!;
        if (await objects.Open(file.StoredAs, cancellationToken) is not { } content)
            return No.NoSuchLink;

        // The bytes are at hand before the download is counted, and counted before the first of them is sent.
        LinkCommand command = request.IsWhole(file.Sha256!) ? new LinkCommand.Use() : new LinkCommand.Continue();
        Answer<LinkContent>? counted = null;
        try
        {
            counted = await streams.Transact<LinkContent>(async transaction =>
                await transaction.Decide(
                    LinkDecider.StreamOf(link.Owner, link.File, link.Id), LinkDecider.Decider, command) is { } no
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
            && await access.Find(link.File.ToString(), cancel) is { State: FileState.Present },
        clock);

    private static FileVariant? ThumbnailOf(FileSummary file) =>
        file.Variants.FirstOrDefault(variant => string.Equals(variant.Name, Thumbnail, StringComparison.Ordinal));

    private async Task<Answer<Opened>> OpenClean(LinkVisit visit, CancellationToken cancel) =>
        await Open(visit, cancel) switch
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

    // In this order, so that nothing about the file shows before the password was right.
    private async Task<Answer<Opened>> Open(LinkVisit visit, CancellationToken cancel)
    {
        var found = await links.List(
            LinkProjection.ByToken(LinkToken.Digest(visit.Token)), cursor: null, limit: 1, descending: false, cancel);
        if (found.Items is not [var link])
            return No.NoSuchLink;
        if (await access.Find(link.File.ToString(), cancel) is not { State: FileState.Present })
            return No.NoSuchLink;
        if (link.HasEnded(clock.GetUtcNow()))
            return No.Ended;
        if (link.HasPassword && await Refuse(link.Id, visit, cancel) is { } no)
            return no;
        if (await files.Find(link.File, cancel) is not { Sha256: not null } file)
            return No.NoSuchLink;
        return new Opened(link, file);
    }

    private async Task<Rejection?> Refuse(LinkId link, LinkVisit visit, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(visit.Password))
            return No.PasswordNeeded;
        if (await tries.Take(link, visit.Address, cancel) is { } wait)
            return No.TooManyTries with { RetryAfter = wait };

        var verified = await passwords.Verify(LinkHandler.HolderOf(link), visit.Password, cancel);
        if (verified is Answer<bool>.Yes(false, _))
            return No.PasswordWrong;
        await tries.GiveBack(link, visit.Address);
        return verified.Refusal;
    }

    private sealed record Opened(LinkEntry Link, FileSummary File);
}
