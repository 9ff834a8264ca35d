using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Handover.HandoverRejection;

namespace EventFiles.Features.Handover;

/// <summary>Offers, tells of offers, and ends them without an acceptance.</summary>
internal sealed class HandoverHandler(
    IStreams streams, IReadModel<HandoverView> views, IAccess access, IFolderAccess folderAccess, IAccounts accounts,
    Hindrances hindrances, HandoverPages pages, TimeProvider clock) :
    IRequestHandler<OfferHandover, Answer<HandoverReply>>,
    IRequestHandler<ReadHandover, Answer<HandoverReply>>,
    IRequestHandler<ListHandovers, Answer<Page<HandoverReply>>>,
    IRequestHandler<DeclineHandover, Answer<Done>>,
    IRequestHandler<WithdrawHandover, Answer<Done>>
{
    /// <summary>For how long an offer stands when nobody says otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(14);

    public async Task<Answer<HandoverReply>> Handle(OfferHandover ask, CancellationToken cancellationToken)
    {
        if (await MayOffer(ask, cancellationToken) is { } no)
            return no;
        var from = ask.By.Account;
        if (await Recipient(ask, cancellationToken) is not { } to)
            return No.NoSuchAccount;
        var (id, nobody) = (NewId.Of<HandoverId>(clock), NewId.Of<AccountId>(clock));
        return await streams.Transact<HandoverReply>(async transaction =>
        {
            if (await hindrances.ToGive(transaction, from, ask.Entry) is { } unready)
                return unready;
            var unable = to.Account is { } account ? await hindrances.ToTake(transaction, account) : null;
            if (unable is not null && to.Email.Length == 0)
                return unable;
            // Whether an address is somebody's is told to nobody: what is offered to nobody waits like what nobody takes.
            var offer = new HandoverCommand.Offer(
                id, ask.Entry.Id, ask.Entry.IsFolder, from, unable is null ? to.Account ?? nobody : nobody, to.Email, ask.Keeps,
                ask.Until?.ToUniversalTime() ?? transaction.Now + Patience);
            if (await transaction.Decide(HandoverDecider.StreamOf(ask.Entry.Id, from), HandoverDecider.Decider, offer) is { } refused)
                return refused;
            return await pages.Show(
                ask.By,
                new HandoverView(
                    offer.Handover, ask.Entry, from, offer.To, offer.Email, ask.Keeps, transaction.Now, offer.Until, null, 0, 0, 0, 0,
                    [], null),
                cancellationToken);
        }, cancellationToken);
    }

    public async Task<Answer<HandoverReply>> Handle(ReadHandover ask, CancellationToken cancellationToken) =>
        await views.Find(ask.Handover.ToString(), cancellationToken) is { } view
        && (view.From == ask.By.Account || view.To == ask.By.Account)
            ? await pages.Show(ask.By, view, cancellationToken)
            : No.Missing;

    public async Task<Answer<Page<HandoverReply>>> Handle(ListHandovers ask, CancellationToken cancellationToken)
    {
        var page = await views.List(
            ask.Direction == HandoverDirection.Incoming ? HandoverProjection.To(ask.By.Account) : HandoverProjection.By(ask.By.Account),
            ask.Cursor, ask.Limit, descending: true, cancellationToken);
        return new Page<HandoverReply>(
            await Task.WhenAll(page.Items.Select(view => pages.Show(ask.By, view, cancellationToken))), page.NextCursor);
    }

    public async Task<Answer<Done>> Handle(DeclineHandover ask, CancellationToken cancellationToken) =>
        await views.Find(ask.Handover.ToString(), cancellationToken) is { } view && view.To == ask.By.Account
            ? await Decide(view, new HandoverCommand.Decline(view.Id), cancellationToken)
            : No.Missing;

    public async Task<Answer<Done>> Handle(WithdrawHandover ask, CancellationToken cancellationToken) =>
        await views.Find(ask.Handover.ToString(), cancellationToken) is { } view && view.From == ask.By.Account
            ? await Decide(view, new HandoverCommand.Withdraw(view.Id), cancellationToken)
            : No.Missing;

    private Task<Answer<Done>> Decide(HandoverView view, HandoverCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction => await transaction.Decide(
                HandoverDecider.StreamOf(view.Entry.Id, view.From), HandoverDecider.Decider, command) is { } no ? no : new Done(),
            cancel);

    // Who manages a group does in its space what an owner may, and gives nothing of it away.
    private async Task<Rejection?> MayOffer(OfferHandover ask, CancellationToken cancel)
    {
        if (ask.Entry.AsFolder() is { } folder)
        {
            return folder == FolderId.RootOf(ask.By.Account) ? No.Root
                : await folderAccess.Ask(ask.By, folder, FolderAction.Own, cancel) switch
                {
                    Answer<FolderAccess>.Yes({ Owner: var owner }, _) when owner != ask.By.Account => FolderRejection.NotAllowed,
                    var answer => answer.Refusal,
                };
        }

        return await access.Ask(ask.By, ask.Entry.AsFile()!.Value, FileAction.Own, cancel) switch
        {
            Answer<FileAccess>.Yes({ IsDeleted: true }, _) => AccessRejection.NoSuchFile,
            Answer<FileAccess>.Yes({ IsTrashed: true }, _) => AccessRejection.NotAllowed,
            Answer<FileAccess>.Yes({ Owner: var owner }, _) when owner != ask.By.Account => AccessRejection.NotAllowed,
            var answer => answer.Refusal,
        };
    }

    // Of an address, perhaps nobody; null when it cannot be one, and for an id that is nobody's.
    private async Task<(AccountId? Account, string Email)?> Recipient(OfferHandover ask, CancellationToken cancel)
    {
        if (Guid.TryParse(ask.To, out var id))
            return await accounts.Find(new AccountId(id), cancel) is { } card ? (card.Id, "") : null;
        if (accounts.KeyOf(ask.To!) is null)
            return null;
        return (await accounts.FindTrusted(ask.To!, cancel), ask.To!.Trim());
    }
}

/// <summary>Transfers, as the slice asks for them that erases people.</summary>
internal sealed class HandoversOfAccount(IStreams streams, IReadModel<HandoverView> views) : IHandoversOfAccount
{
    public async Task<int> End(AccountId account, CancellationToken cancel)
    {
        var running = 0;
        await foreach (var view in views.All(HandoverProjection.By(account), cancel).Concat(views.All(HandoverProjection.To(account), cancel)))
        {
            if (view.Outcome is not null)
                continue;
            HandoverCommand end = view.From == account ? new HandoverCommand.Withdraw(view.Id) : new HandoverCommand.Decline(view.Id);
            var ended = await streams.Transact<Done>(
                async transaction => await transaction.Decide(
                    HandoverDecider.StreamOf(view.Entry.Id, view.From), HandoverDecider.Decider, end) is { } no ? no : new Done(),
                cancel);
            if (ended.Refusal == No.Accepted && view.Outcome is null)
                running++;
        }

        return running;
    }
}
