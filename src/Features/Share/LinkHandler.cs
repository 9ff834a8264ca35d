using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>What the owner of a file does with its links, and takes back of any link.</summary>
internal sealed class LinkHandler(
    IStreams streams, IReadModel<LinkEntry> links, IAccess access, IFiles files, IScans scans, LinkPasswords passwords,
    TimeProvider clock) :
    IRequestHandler<CreateLink, Answer<CreatedLink>>,
    IRequestHandler<ListLinks, Answer<Page<LinkView>>>,
    IRequestHandler<RevokeLink, Answer<Done>>,
    IRequestHandler<ForgetLinkPassword, Answer<Done>>
{
    public async Task<Answer<CreatedLink>> Handle(CreateLink ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken);
        if (asked is not Answer<FileAccess>.Yes(var file, _))
            return asked.Refusal!;
        if (file.IsDeleted)
            return AccessRejection.NoSuchFile;
        if (ask.Access is LinkAccess.Upload)
            return ShareRejection.OnlyIntoFolders;
        if (await files.Find(ask.File, cancellationToken) is { } shared
            && (await scans.Of(ask.File, shared.Version, cancellationToken)).ToShare() is { } closed)
            return closed;

        var link = NewId.Of<LinkId>(clock);
        return await passwords.Guard(
            link, ask.Password, () => Make(file.Owner, link, LinkToken.New(), ask, cancellationToken), cancellationToken);
    }

    public async Task<Answer<Page<LinkView>>> Handle(ListLinks ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken)).Refusal is { } no)
            return no;
        var page = await links.List(
            LinkProjection.Of(ask.File), ask.Cursor, ask.Limit, descending: false, cancellationToken);
        return page.Map(link => new LinkView(
            link.Id, ask.File, link.Role!.Value, link.HasPassword, link.CreatedAt, link.Until, link.MaxDownloads, link.Downloads));
    }

    public async Task<Answer<Done>> Handle(RevokeLink ask, CancellationToken cancellationToken)
    {
        var link = await links.Find(ask.Link.ToString(), cancellationToken);
        if (link is null || !await access.Owns(ask.By, link.Owner, cancellationToken))
            return No.NoSuchLink;
        return await streams.Transact<Done>(async transaction => await Revoke(transaction, link) is { } no ? no : new Done(), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(ForgetLinkPassword request, CancellationToken cancellationToken)
    {
        await passwords.Forget(request.Link, cancellationToken);
        return new Done();
    }

    /// <summary>Takes back a link, whatever it is for.</summary>
    public static Task<Rejection?> Revoke(ITransaction transaction, LinkEntry link) => link.On.AsFolder() is { } folder
        ? transaction.Decide(
            InboxDecider.StreamOf(link.Owner, folder, link.Id), InboxDecider.Decider, new InboxCommand.Close())
        : transaction.Decide(
            LinkDecider.StreamOf(link.Owner, link.On.AsFile()!.Value, link.Id), LinkDecider.Decider, new LinkCommand.Revoke());

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
            if (!await files.IsOf(transaction, owner, ask.File))
                return AccessRejection.NoSuchFile;
            if (await transaction.Decide(LinkDecider.StreamOf(owner, ask.File, link), LinkDecider.Decider, command) is { } no)
                return no;
            return new CreatedLink(
                link, token, $"/api/links/{token}", ask.File, command.Role, command.HasPassword, transaction.Now,
                command.Until, command.MaxDownloads);
        }, cancel);
    }
}
