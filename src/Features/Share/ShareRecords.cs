using System.Runtime.CompilerServices;

namespace EventFiles.Features.Share;

/// <summary>
/// What a person shares. Of what was offered to an address it is not told who has it, nor the address, which is another's.
/// </summary>
internal sealed class SharesGiven(IReadModel<ShareEntry> shares) : IPersonalRecords
{
    public string Name => "sharesGiven";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        shares.All(ShareProjection.By(person), cancel).Select(share => (object)new
        {
            share.Id,
            share.On,
            Grantee = share.Key is null ? share.Grantee : (ShareGrantee?)null,
            Address = share.Key is null ? null : EventDetails.Withheld,
            share.Role,
            share.MayShare,
            share.CreatedAt,
            share.Until,
        });
}

/// <summary>What others share with a person, or with a group that has them.</summary>
internal sealed class SharesReceived(IReadModel<ShareEntry> shares, IGroups groups) : IPersonalRecords
{
    public string Name => "sharesReceived";

    public async IAsyncEnumerable<object> Of(AccountId person, [EnumeratorCancellation] CancellationToken cancel)
    {
        var grantees = (await groups.Of(person, cancel)).Select(group => (ShareGrantee)group).Prepend(person);
        foreach (var grantee in grantees)
        {
            await foreach (var share in shares.All(ShareProjection.With(grantee), cancel))
                yield return new { share.Id, share.On, share.Owner, share.Grantee, share.Role, share.MayShare, share.CreatedAt, share.Until };
        }
    }
}

/// <summary>A person's public links. What opens them is told once, when they are made.</summary>
internal sealed class LinkRecords(IReadModel<LinkEntry> links) : IPersonalRecords
{
    public string Name => "links";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        links.All(LinkProjection.By(person), cancel).Select(link => (object)new
        {
            link.Id,
            link.On,
            link.HasPassword,
            link.Role,
            link.CreatedAt,
            link.Until,
            link.MaxDownloads,
            link.Downloads,
            link.Inbox,
        });
}
