using MediatR;

namespace EventFiles.Features.Share;

/// <summary>What the owner of a folder does with the links into it.</summary>
internal sealed class InboxHandler(
    IStreams streams, IReadModel<LinkEntry> links, IFolderAccess access, IFolders folders, IFiles files,
    IReadModel<AccessView> standings, LinkPasswords passwords, TimeProvider clock) :
    IRequestHandler<CreateInbox, Answer<CreatedInbox>>,
    IRequestHandler<ListInboxes, Answer<Page<InboxView>>>,
    IRequestHandler<ListOwnLinks, Answer<Page<OwnLink>>>
{
    public async Task<Answer<CreatedInbox>> Handle(CreateInbox ask, CancellationToken cancellationToken)
    {
        if (ask.Folder == FolderId.RootOf(ask.By.Account))
            return ShareRejection.Root;
        var asked = await access.Ask(ask.By, ask.Folder, FolderAction.Own, cancellationToken);
        if (asked is not Answer<FolderAccess>.Yes(var folder, _))
            return asked.Refusal!;
        if (folder.Folder == FolderId.RootOf(folder.Owner))
            return ShareRejection.Root;
        var title = ask.Title?.Trim() is { Length: > 0 } words ? words
            : await folders.NameOf(folder.Owner, folder.Folder, cancellationToken);
        if (title is null)
            return FolderRejection.NoSuchFolder;
        var link = NewId.Of<LinkId>(clock);
        return await passwords.Guard(
            link, ask.Password, () => Make(folder.Owner, link, title, ask, cancellationToken), cancellationToken);
    }

    public async Task<Answer<Page<InboxView>>> Handle(ListInboxes ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.Folder, FolderAction.Own, cancellationToken)).Refusal is { } no)
            return no;
        var page = await links.List(
            LinkProjection.Of(ask.Folder), ask.Cursor, ask.Limit, descending: false, cancellationToken);
        return page.Map(link => new InboxView(
            link.Id, ask.Folder, LinkAccess.Upload, link.Inbox!.Title, link.HasPassword, link.CreatedAt, link.Until,
            link.Inbox.MaxUploads, link.Inbox.MaxFileBytes, link.Inbox.Uploads));
    }

    // What lies in the trash is left out: it is behind no link.
    public async Task<Answer<Page<OwnLink>>> Handle(ListOwnLinks ask, CancellationToken cancellationToken)
    {
        var page = await links.List(
            LinkProjection.By(ask.By.Account), ask.Cursor, ask.Limit, descending: true, cancellationToken);
        var found = await Task.WhenAll(page.Items.Select(link => Show(link, cancellationToken)));
        return new Page<OwnLink>([.. found.OfType<OwnLink>()], page.NextCursor);
    }

    private async Task<OwnLink?> Show(LinkEntry link, CancellationToken cancel)
    {
        var name = link.On.AsFolder() is not { } folder ? await NameOf(link.On.AsFile()!.Value, cancel)
            : await folders.NameOf(link.Owner, folder, cancel) is null ? null
            : link.Inbox!.Title;
        return name is null ? null : new OwnLink(
            link.Id, link.Inbox is null ? LinkAccess.Download : LinkAccess.Upload, link.On.AsFile(), link.On.AsFolder(), name,
            link.HasPassword, link.CreatedAt, link.Until, link.MaxDownloads, link.Downloads, link.Inbox?.MaxUploads,
            link.Inbox?.Uploads ?? 0);
    }

    private async Task<string?> NameOf(FileId file, CancellationToken cancel) =>
        await standings.Find(file.ToString(), cancel) is { State: FileState.Present } ? (await files.Find(file, cancel))?.Name : null;

    private Task<Answer<CreatedInbox>> Make(
        AccountId owner, LinkId link, string title, CreateInbox ask, CancellationToken cancel)
    {
        var token = LinkToken.New();
        var command = new InboxCommand.Open(
            ask.Folder, link, LinkToken.Digest(token), title, ask.Password is not null, ask.Until?.ToUniversalTime(),
            ask.MaxUploads, ask.MaxFileBytes);
        return streams.Transact<CreatedInbox>(async transaction =>
        {
            // Whoever closes what leads into a folder that is gone finds all that were made before: see CloseFolderSharing.
            if (!await folders.IsThere(transaction, owner, ask.Folder))
                return FolderRejection.NoSuchFolder;
            if (await transaction.Decide(InboxDecider.StreamOf(owner, ask.Folder, link), InboxDecider.Decider, command) is { } no)
                return no;
            return new CreatedInbox(
                link, token, $"/api/links/{token}", ask.Folder, LinkAccess.Upload, title, command.HasPassword, transaction.Now,
                command.Until, command.MaxUploads, command.MaxFileBytes);
        }, cancel);
    }
}
