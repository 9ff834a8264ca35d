using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>Everything that makes grants change or tells of them.</summary>
internal sealed class ShareHandler(
    IStreams streams, IReadModel<ShareEntry> shares, IAccess access, IAccounts accounts, IFiles files, IScans scans, IPast past,
    TimeProvider clock) :
    IRequestHandler<GrantShare, Answer<ShareView>>,
    IRequestHandler<ListShares, Answer<Page<ShareView>>>,
    IRequestHandler<RevokeShare, Answer<Done>>,
    IRequestHandler<ListSharedWithMe, Answer<Page<SharedFile>>>,
    IRequestHandler<EndShare, Answer<Done>>,
    IRequestHandler<CloseSharing, Answer<Done>>
{
    public async Task<Answer<ShareView>> Handle(GrantShare ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Share, cancellationToken);
        if (asked is not Answer<FileAccess>.Yes(var file, _))
            return asked.Refusal!;
        if (file.IsDeleted)
            return AccessRejection.NoSuchFile;
        if (await files.Find(ask.File, cancellationToken) is { } shared
            && (await scans.Of(ask.File, shared.Version, cancellationToken)).ToShare() is { } closed)
            return closed;
        if (await Typed(ask.Grantee!, cancellationToken) is not { } grantee)
            return No.NoSuchAccount;

        var stream = ShareDecider.StreamOf(file.Owner, ask.File);
        var command = new ShareCommand.Grant(
            ask.File, file.Owner, NewId.Of<ShareId>(clock), grantee.Id, ask.Role!.Value, ask.Until?.ToUniversalTime());
        return await streams.Transact<ShareView>(async transaction =>
        {
            if (await transaction.Decide(stream, ShareDecider.Decider, command) is { } no)
                return no;
            var held = (await transaction.Load(stream, ShareDecider.Decider)).Grants[grantee.Id];
            var begun = await shares.Find(held.Share.ToString(), cancellationToken);
            return new ShareView(
                held.Share, ask.File, ShareParty.Of(grantee.Id, grantee), held.Role,
                begun?.CreatedAt ?? transaction.Now, held.Until);
        }, cancellationToken);
    }

    public async Task<Answer<Page<ShareView>>> Handle(ListShares ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.File, FileAction.Share, cancellationToken)).Refusal is { } no)
            return no;
        var found = ask.AsOf is { } asOf
            ? await Former(ask, asOf, cancellationToken)
            : await shares.List(ShareProjection.Of(ask.File), ask.Cursor, ask.Limit, descending: false, cancellationToken);
        if (found is not Answer<Page<ShareEntry>>.Yes(var page, var position))
            return found.Refusal!;
        return new Answer<Page<ShareView>>.Yes(
            new(await Task.WhenAll(page.Items.Select(share => Shown(share, cancellationToken))), page.NextCursor), position);
    }

    public async Task<Answer<Done>> Handle(RevokeShare ask, CancellationToken cancellationToken)
    {
        var share = await shares.Find(ask.Share.ToString(), cancellationToken);
        if (share is null || (ask.By.Account != share.Owner && ask.By.Account != share.Grantee))
            return No.NoSuchShare;
        return await Decide(share.Owner, share.File, new ShareCommand.Revoke(share.File, share.Id), cancellationToken);
    }

    public async Task<Answer<Page<SharedFile>>> Handle(ListSharedWithMe ask, CancellationToken cancellationToken)
    {
        var page = await shares.List(
            ShareProjection.With(ask.By.Account), ask.Cursor, ask.Limit, descending: true, cancellationToken);
        var found = await Task.WhenAll(page.Items.Select(share => Opened(ask.By, share, cancellationToken)));
        return new Page<SharedFile>([.. found.OfType<SharedFile>()], page.NextCursor);
    }

    public Task<Answer<Done>> Handle(EndShare request, CancellationToken cancellationToken) =>
        Decide(request.Owner, request.File, new ShareCommand.End(request.File, request.Share), cancellationToken);

    public async Task<Answer<Done>> Handle(CloseSharing request, CancellationToken cancellationToken)
    {
        // The grants first: whoever makes a link looks at this stream in the same transaction, so that behind its
        // closing no link can be added to those that are read next.
        var closed = await Decide(
            request.Owner, request.File, new ShareCommand.Close(request.File), cancellationToken);
        if (closed.Refusal is not null)
            return closed;

        var links = new HashSet<LinkId>();
        await foreach (var happened in streams.ReadMerged([LinkDecider.StreamsOf(request.File)], cancellationToken))
        {
            if (happened.Fact is LinkEvent.Created created)
                links.Add(created.Link);
        }

        foreach (var link in links)
        {
            var revoked = await streams.Transact<Done>(async transaction =>
                await transaction.Decide(
                    LinkDecider.StreamOf(request.Owner, request.File, link), LinkDecider.Decider, new LinkCommand.Revoke()) is { } no
                    ? no
                    : new Done(), cancellationToken);
            if (revoked.Refusal is not null)
                return revoked;
        }

        return closed;
    }

    private Task<Answer<Done>> Decide(AccountId owner, FileId file, ShareCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
            await transaction.Decide(ShareDecider.StreamOf(owner, file), ShareDecider.Decider, command) is { } no
                ? no
                : new Done(), cancel);

    // A file that was not there yet was shared with nobody, and is told like one that never was.
    private async Task<Answer<Page<ShareEntry>>> Former(ListShares ask, string asOf, CancellationToken cancel)
    {
        var located = await past.Locate(asOf, cancel);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        return await past.Find<AccessView>(ask.File.ToString(), at, cancel) is { Owner: not null }
            ? await past.List<ShareEntry>(ShareProjection.Of(ask.File), at, ask.Cursor, ask.Limit, descending: false, cancel)
            : AccessRejection.NoSuchFile;
    }

    private Task<AccountCard?> Typed(string grantee, CancellationToken cancel) =>
        Guid.TryParse(grantee, out var id)
            ? accounts.Find(new AccountId(id), cancel)
            : accounts.FindByEmail(grantee, cancel);

    private async Task<ShareView> Shown(ShareEntry share, CancellationToken cancel) => new(
        share.Id, share.File, ShareParty.Of(share.Grantee, await accounts.Find(share.Grantee, cancel)),
        share.Role, share.CreatedAt, share.Until);

    // Null for what does not count now: the grant has ended, or the file lies in its owner's trash.
    private async Task<SharedFile?> Opened(Caller by, ShareEntry share, CancellationToken cancel)
    {
        if ((await access.Ask(by, share.File, FileAction.Read, cancel)).Refusal is not null)
            return null;
        if (await files.Find(share.File, cancel) is not { } file)
            return null;
        var owner = ShareParty.Of(share.Owner, await accounts.Find(share.Owner, cancel));
        return new SharedFile(await Shown(share, cancel), owner, file);
    }
}
