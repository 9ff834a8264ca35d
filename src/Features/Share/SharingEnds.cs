namespace EventFiles.Features.Share;

/// <summary>Whom somebody shares with, as the slice asks for it that erases people.</summary>
internal sealed class SharingEnds(
    IStreams streams, IReadModel<ShareEntry> shares, IReadModel<LinkEntry> links, IGroups groups, ShareAudiences audiences,
    MediatR.IRequestHandler<CloseSharing, Answer<Done>> closing) : ISharing
{
    public async Task<IReadOnlyCollection<AccountId>> RecipientsOf(AccountId owner, CancellationToken cancel)
    {
        var grantees = await shares.All(ShareProjection.By(owner), cancel).Select(share => share.Grantee)
            .Where(grantee => grantee != default).Distinct().ToListAsync(cancel);
        return await Members(owner, grantees, cancel);
    }

    public async Task<IReadOnlyCollection<AccountId>> RecipientsOf(FileId file, CancellationToken cancel)
    {
        var (owner, grants) = await audiences.Over(file, cancel);
        return await Members(owner, [.. grants.Select(grant => grant.Grantee).Distinct()], cancel);
    }

    public Task<IReadOnlyCollection<OpenOffer>> OffersOf(AccountId owner, CancellationToken cancel) =>
        Offers(ShareProjection.By(owner), cancel);

    public Task<IReadOnlyCollection<OpenOffer>> OffersOf(FileId file, CancellationToken cancel) => Offers(ShareProjection.Of(file), cancel);

    public async Task<string?> AddressOf(OpenOffer offer, CancellationToken cancel)
    {
        string? address = null;
        await foreach (var happened in streams.Read(offer.Stream, 0, cancel))
        {
            if (happened.Fact is ShareEvent.Offered offered && offered.Share.Value == offer.Share)
                address = offered.Email;
        }

        return address is PersonalAttribute.Erased ? null : address;
    }

    public async Task<Rejection?> Close(AccountId owner, FileId file, CancellationToken cancel) =>
        (await closing.Handle(new CloseSharing(file, owner), cancel)).Refusal;

    public async Task LeaveAll(AccountId grantee, CancellationToken cancel)
    {
        await foreach (var share in shares.All(ShareProjection.With(grantee), cancel))
        {
            await streams.Transact<Done>(async transaction =>
                await transaction.Decide(
                    ShareDecider.StreamOf(share.Owner, share.On), ShareDecider.Decider, new ShareCommand.Revoke(share.On, share.Id)) is { } no
                    ? no
                    : new Done(), cancel);
        }
    }

    // The share bears the group's own UUID: there is one.
    public Task<Rejection?> Lend(ITransaction transaction, AccountId owner, FolderId folder, GroupId group) => transaction.Decide(
        ShareDecider.StreamOf(owner, folder), ShareDecider.Decider,
        new ShareCommand.Grant(folder, owner, new ShareId(group.Value), group, ShareRole.Editor, Until: null));

    public Task<Rejection?> TakeBack(ITransaction transaction, AccountId owner, FolderId folder, GroupId group) => transaction.Decide(
        ShareDecider.StreamOf(owner, folder), ShareDecider.Decider, new ShareCommand.Revoke(folder, new ShareId(group.Value)));

    public async Task CloseInboxes(AccountId owner, CancellationToken cancel)
    {
        await foreach (var link in links.All(LinkProjection.By(owner), cancel))
        {
            if (link.Inbox is not null)
            {
                await streams.Transact<Done>(
                    async transaction => await LinkHandler.Revoke(transaction, link) is { } no ? no : new Done(), cancel);
            }
        }
    }

    // Whoever was invited to several files hears of it once.
    private async Task<IReadOnlyCollection<OpenOffer>> Offers(string index, CancellationToken cancel) =>
        await shares.All(index, cancel).Where(share => share.Key is not null && share.Grantee == default)
            .DistinctBy(share => share.Key)
            .Select(share => new OpenOffer(share.Id.Value, ShareDecider.StreamOf(share.Owner, share.On).Name))
            .ToListAsync(cancel);

    private async Task<IReadOnlyCollection<AccountId>> Members(
        AccountId? owner, IReadOnlyList<ShareGrantee> grantees, CancellationToken cancel)
    {
        var told = await groups.Past([.. grantees.Where(one => one.IsGroup).Select(one => new GroupId(one.Id))], cancel);
        return grantees.Where(one => !one.IsGroup).Select(one => new AccountId(one.Id))
            .Concat(told.GroupBy(moment => moment.Group).SelectMany(moments => moments.Last().Members))
            .Where(one => one != owner)
            .ToHashSet();
    }
}
