using System.Runtime.CompilerServices;

namespace EventFiles.Features.Share;

/// <summary>
/// With whom a person shares: whom they gave something to, and who gave them something. Of who was named by an address the
/// giver learns here no more than the address that they typed (ADR 71).
/// </summary>
internal sealed class SharingPartners(IReadModel<ShareEntry> shares, IGroups groups) : IAcquaintances
{
    public async IAsyncEnumerable<Acquaintance> Of(AccountId account, [EnumeratorCancellation] CancellationToken cancel)
    {
        var grantees = (await groups.Of(account, cancel)).Select(group => (ShareGrantee)group).Prepend(account);
        foreach (var grantee in grantees)
        {
            await foreach (var share in shares.All(ShareProjection.With(grantee), cancel))
            {
                yield return new Acquaintance(share.Owner, null);
                if (share.By is { } giver)
                    yield return new Acquaintance(giver, null);
            }
        }

        await foreach (var share in shares.All(ShareProjection.By(account), cancel))
        {
            if (share.Email is { } email)
            {
                // What an editor offered to an address is the editor's to know.
                if (share.By is null || share.By == account)
                    yield return new Acquaintance(null, email);
            }
            else if (!share.Grantee.IsGroup)
            {
                yield return new Acquaintance(new AccountId(share.Grantee.Id), null);
            }
        }
    }
}
