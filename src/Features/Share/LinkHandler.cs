using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Share.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>What the owner of a file does with its links.</summary>
internal sealed class LinkHandler(
    IStreams streams, IReadModel<LinkEntry> links, IAccess access, IFiles files, IScans scans, IPasswords passwords,
    TimeProvider clock) :
    IRequestHandler<CreateLink, Answer<CreatedLink>>,
    IRequestHandler<ListLinks, Answer<Page<LinkView>>>,
    IRequestHandler<RevokeLink, Answer<Done>>,
    IRequestHandler<ForgetLinkPassword, Answer<Done>>
{
    /// <summary>Under which name a link's password is kept.</summary>
    public static string HolderOf(LinkId link) => $"link-{link}";

    public async Task<Answer<CreatedLink>> Handle(CreateLink ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken);
        if (asked is not Answer<FileAccess>.Yes(var file, _))
            return asked.Refusal!;
        if (file.IsDeleted)
            return AccessRejection.NoSuchFile;
        if (await files.Find(ask.File, cancellationToken) is { } shared
            && (await scans.Of(ask.File, shared.Version, cancellationToken)).ToShare() is { } closed)
            return closed;

        var link = NewId.Of<LinkId>(clock);
        var token = LinkToken.New();
        // Before the link: it must never be open without its password. A hash whose link never came to be opens nothing.
        if (ask.Password is { } password
            && await passwords.Set(HolderOf(link), password, cancellationToken) is { } unset)
        {
            return unset;
        }

        var made = await Make(file.Owner, link, token, ask, cancellationToken);
        if (made.Refusal is not null && ask.Password is not null)
            await passwords.Remove(HolderOf(link), cancellationToken);
        return made;
    }

    public async Task<Answer<Page<LinkView>>> Handle(ListLinks ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken)).Refusal is { } no)
            return no;
        var page = await links.List(
            LinkProjection.Of(ask.File), ask.Cursor, ask.Limit, descending: false, cancellationToken);
        return page.Map(link => new LinkView(
            link.Id, link.File, link.Role, link.HasPassword, link.CreatedAt, link.Until, link.MaxDownloads, link.Downloads));
    }

    public async Task<Answer<Done>> Handle(RevokeLink ask, CancellationToken cancellationToken)
    {
        var link = await links.Find(ask.Link.ToString(), cancellationToken);
        if (link is null || link.Owner != ask.By.Account)
            return No.NoSuchLink;
        return await streams.Transact<Done>(async transaction =>
            await transaction.Decide(
                LinkDecider.StreamOf(link.Owner, link.File, link.Id), LinkDecider.Decider, new LinkCommand.Revoke()) is { } no
                ? no
                : new Done(), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(ForgetLinkPassword request, CancellationToken cancellationToken)
    {
        await passwords.Remove(HolderOf(request.Link), cancellationToken);
        return new Done();
    }

    private Task<Answer<CreatedLink>> Make(
        AccountId owner, LinkId link, string token, CreateLink ask, CancellationToken cancel)
    {
        var command = new LinkCommand.Create(
            ask.File, link, LinkToken.Digest(token), ask.Password is not null, LinkRole.Viewer,
            ask.Until?.ToUniversalTime(), ask.MaxDownloads);
        return streams.Transact<CreatedLink>(async transaction =>
        {
            // Loaded in this transaction, so that it fails when the file is closed meanwhile: see CloseSharing.
            if ((await transaction.Load(ShareDecider.StreamOf(owner, ask.File), ShareDecider.Decider)).IsClosed)
                return AccessRejection.NoSuchFile;
            if (await transaction.Decide(LinkDecider.StreamOf(owner, ask.File, link), LinkDecider.Decider, command) is { } no)
                return no;
            return new CreatedLink(
                link, token, $"/api/links/{token}", ask.File, command.Role, command.HasPassword, transaction.Now,
                command.Until, command.MaxDownloads);
        }, cancel);
    }
}
