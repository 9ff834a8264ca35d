using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>Everything that makes grants change.</summary>
internal sealed class ShareHandler(
    IStreams streams, IReadModel<ShareEntry> shares, IAccess access, IFolderAccess folderAccess, IFolders folders,
    IAccounts accounts, IGroups groups, SharePages pages, IFiles files, IScans scans, TimeProvider clock) :
    IRequestHandler<GrantShare, Answer<ShareView>>,
    IRequestHandler<RevokeShare, Answer<Done>>,
    IRequestHandler<EndShare, Answer<Done>>,
    IRequestHandler<CloseFolderSharing, Answer<Done>>,
    IRequestHandler<CloseSharing, Answer<Done>>
{
    public async Task<Answer<ShareView>> Handle(GrantShare ask, CancellationToken cancellationToken)
    {
        var asked = await OwnerOf(ask, cancellationToken);
        if (asked is not Answer<AccountId>.Yes(var owner, _))
            return asked.Refusal!;
        if (ask.On.AsFile() is { } file && await files.Find(file, cancellationToken) is { } shared
            && (await scans.Of(file, shared.Version, cancellationToken)).ToShare() is { } closed)
            return closed;
        if (!Guid.TryParse(ask.Grantee, out var id))
            return await Offer(ask, owner, cancellationToken);
        if (await Known(ask.By, id, cancellationToken) is not { } grantee)
            return No.NoSuchAccount;
        // It would outlive what they are to a group.
        if (grantee == ask.By.Account && owner != ask.By.Account)
            return No.OwnersOnly;

        var stream = ShareDecider.StreamOf(owner, ask.On);
        var command = new ShareCommand.Grant(
            ask.On, owner, NewId.Of<ShareId>(clock), grantee, ask.Role!.Value, ask.Until?.ToUniversalTime())
        {
            MayShare = ask.MayShare,
            By = await access.Owns(ask.By, owner, cancellationToken) ? null : ask.By.Account,
        };
        return await streams.Transact<ShareView>(async transaction =>
        {
            if (ask.On.AsFolder() is { } folder && !await folders.IsThere(transaction, owner, folder))
                return FolderRejection.NoSuchFolder;
            if (ask.On.AsFile() is { } one && !await files.IsOf(transaction, owner, one))
                return AccessRejection.NoSuchFile;
            if (await transaction.Decide(stream, ShareDecider.Decider, command) is { } no)
                return no;
            var held = (await transaction.Load(stream, ShareDecider.Decider)).Grants[grantee];
            var begun = await shares.Find(held.Share.ToString(), cancellationToken);
            return await pages.Show(
                new ShareEntry(
                    held.Share, ask.On, owner, grantee, held.Role, begun?.CreatedAt ?? transaction.Now, held.Until,
                    held.MayShare, held.By),
                cancellationToken);
        }, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(RevokeShare ask, CancellationToken cancellationToken)
    {
        var share = await shares.Find(ask.Share.ToString(), cancellationToken);
        if (share is null || !(share.Grantee == ask.By.Account || ask.By.Account == share.By
            || await access.Owns(ask.By, share.Owner, cancellationToken)))
            return No.NoSuchShare;
        if (share.On.AsFolder() == FolderId.RootOf(share.Owner))
            return No.Root;
        return await Decide(share.Owner, share.On, new ShareCommand.Revoke(share.On, share.Id), cancellationToken);
    }

    public Task<Answer<Done>> Handle(EndShare request, CancellationToken cancellationToken) =>
        Decide(request.Owner, request.On, new ShareCommand.End(request.On, request.Share), cancellationToken);

    // Whoever makes a link into a folder looks in the same transaction whether it is there, and it is there no more.
    public async Task<Answer<Done>> Handle(CloseFolderSharing request, CancellationToken cancellationToken)
    {
        var (owner, folder) = (request.Owner, request.Folder);
        var closed = await Decide(owner, folder, new ShareCommand.Close(folder), cancellationToken);
        return closed.Refusal is not null ? closed : await CloseLinks(
            InboxDecider.StreamsOf(folder), fact => (fact as InboxEvent.Opened)?.Link,
            (transaction, link) => transaction.Decide(
                InboxDecider.StreamOf(owner, folder, link), InboxDecider.Decider, new InboxCommand.Close()),
            cancellationToken) is { } no ? no : closed;
    }

    // The grants first: whoever makes a link to a file looks at their stream in the same transaction, and it is closed.
    public async Task<Answer<Done>> Handle(CloseSharing request, CancellationToken cancellationToken)
    {
        var (owner, file) = (request.Owner, request.File);
        var closed = await Decide(owner, file, new ShareCommand.Close(file), cancellationToken);
        return closed.Refusal is not null ? closed : await CloseLinks(
            LinkDecider.StreamsOf(file), fact => (fact as LinkEvent.Created)?.Link,
            (transaction, link) => transaction.Decide(
                LinkDecider.StreamOf(owner, file, link), LinkDecider.Decider, new LinkCommand.Revoke()),
            cancellationToken) is { } no ? no : closed;
    }

    // All that ever were: none is added behind those that are read.
    private async Task<Rejection?> CloseLinks(
        string streamsOfLinks, Func<object, LinkId?> made, Func<ITransaction, LinkId, Task<Rejection?>> close, CancellationToken cancel)
    {
        var links = await streams.ReadMerged([streamsOfLinks], cancel)
            .Select(happened => made(happened.Fact)).Where(link => link is not null).ToHashSetAsync(cancellationToken: cancel);
        foreach (var link in links)
        {
            var closed = await streams.Transact<Done>(
                async transaction => await close(transaction, link!.Value) is { } no ? no : new Done(), cancel);
            if (closed.Refusal is { } why)
                return why;
        }

        return null;
    }

    // The same whether or not the address is anybody's: who has it may use it at once, and nothing in the answer tells.
    private async Task<Answer<ShareView>> Offer(GrantShare ask, AccountId owner, CancellationToken cancel)
    {
        if (accounts.KeyOf(ask.Grantee!) is not { } key)
            return No.NoSuchAccount;
        var trusted = await accounts.FindTrusted(ask.Grantee!, cancel);
        if (trusted == ask.By.Account)
            return ask.By.Account == owner ? No.WithOneself : No.OwnersOnly;
        var stream = ShareDecider.StreamOf(owner, ask.On);
        var command = new ShareCommand.Offer(
            ask.On, NewId.Of<ShareId>(clock), ask.Grantee!.Trim(), key, ask.Role!.Value, ask.Until?.ToUniversalTime())
        {
            MayShare = ask.MayShare,
            By = await access.Owns(ask.By, owner, cancel) ? null : ask.By.Account,
        };
        return await streams.Transact<ShareView>(async transaction =>
        {
            if (ask.On.AsFolder() is { } folder && !await folders.IsThere(transaction, owner, folder))
                return FolderRejection.NoSuchFolder;
            if (ask.On.AsFile() is { } one && !await files.IsOf(transaction, owner, one))
                return AccessRejection.NoSuchFile;
            if (await transaction.Decide(stream, ShareDecider.Decider, command) is { } no)
                return no;
            var offer = (await transaction.Load(stream, ShareDecider.Decider)).OfferTo(key)!;
            if (trusted is { } account && await transaction.Decide(
                stream, ShareDecider.Decider, new ShareCommand.Take(ask.On, owner, offer.Share, account)) is { } untaken)
                return untaken;
            var begun = await shares.Find(offer.Share.ToString(), cancel);
            return await pages.Show(
                new ShareEntry(
                    offer.Share, ask.On, owner, default, offer.Role, begun?.CreatedAt ?? transaction.Now, offer.Until,
                    offer.MayShare, offer.By)
                {
                    Email = offer.Email,
                },
                cancel);
        }, cancel);
    }

    private async Task<Answer<AccountId>> OwnerOf(GrantShare ask, CancellationToken cancel)
    {
        if (ask.On.AsFolder() is { } folder)
        {
            return folder == FolderId.RootOf(ask.By.Account) ? No.Root
                : await folderAccess.Ask(ask.By, folder, FolderAction.Share, cancel) switch
                {
                    Answer<FolderAccess>.Yes({ } may, _) when folder == FolderId.RootOf(may.Owner) => No.Root,
                    var answer => answer.Map(may => may.Owner),
                };
        }

        return await access.Ask(ask.By, ask.On.AsFile()!.Value, FileAction.Share, cancel) switch
        {
            Answer<FileAccess>.Yes({ IsDeleted: true }, _) => AccessRejection.NoSuchFile,
            var answer => answer.Map(may => may.Owner),
        };
    }

    private Task<Answer<Done>> Decide(AccountId owner, ShareTarget on, ShareCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
            await transaction.Decide(ShareDecider.StreamOf(owner, on), ShareDecider.Decider, command) is { } no
                ? no
                : new Done(), cancel);

    // A group is known to those who are in it; to anybody else it is like none.
    private async Task<ShareGrantee?> Known(Caller by, Guid id, CancellationToken cancel)
    {
        if (await accounts.Find(new AccountId(id), cancel) is { } account)
            return account.Id;
        var group = new GroupId(id);
        return await groups.Has(group, by.Account, cancel) ? group : null;
    }
}
