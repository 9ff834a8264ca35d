using MediatR;

namespace EventFiles.Features.Share;

/// <summary>Brings what was offered to an address and the account that has it together, whichever was first.</summary>
internal sealed class OfferHandler(IStreams streams, IReadModel<ShareEntry> shares, IAccounts accounts, IInvitations invitations) :
    IRequestHandler<DeliverOffer, Answer<Done>>,
    IRequestHandler<TakeOffers, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(DeliverOffer work, CancellationToken cancellationToken)
    {
        var state = await streams.Load(ShareDecider.StreamOf(work.Owner, work.On), ShareDecider.Decider, cancellationToken);
        if (!state.Offers.TryGetValue(work.Share, out var offer) || offer.TakenBy is not null || offer.Key == PersonalAttribute.Erased)
            return default(Done);
        if (await accounts.FindTrusted(offer.Email, cancellationToken) is { } account)
            return await Take(work.Owner, work.On, work.Share, account, cancellationToken);
        // The share's id is the invitation's: sent again, it is the same one.
        return await invitations.Invite(work.Share.Value, offer.By ?? work.Owner, offer.Email, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(TakeOffers work, CancellationToken cancellationToken)
    {
        if (await accounts.ProvedAddress(work.Owner, cancellationToken) is not { } address || accounts.KeyOf(address) is not { } key)
            return default(Done);
        // Views that do not tell of the proof yet do not tell of all that was offered before it either.
        if (await accounts.Find(work.Owner, cancellationToken) is not { IsProved: true } card || card.Email != address)
            throw new TransientException("The account's view is not there yet.");
        for (string? cursor = null; ;)
        {
            var page = await shares.List(ShareProjection.To(key), cursor, 1000, descending: false, cancellationToken);
            foreach (var share in page.Items)
            {
                var answer = await Take(share.Owner, share.On, share.Id, work.Owner, cancellationToken);
                if (answer.Refusal is not null)
                    return answer;
            }

            if ((cursor = page.NextCursor) is null)
                return default(Done);
        }
    }

    private Task<Answer<Done>> Take(AccountId owner, ShareTarget on, ShareId share, AccountId account, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
            await transaction.Decide(
                ShareDecider.StreamOf(owner, on), ShareDecider.Decider, new ShareCommand.Take(on, owner, share, account)) is { } no
                ? no
                : new Done(), cancel);
}
