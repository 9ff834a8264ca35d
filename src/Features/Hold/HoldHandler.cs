using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Hold.HoldsRejection;

namespace EventFiles.Features.Hold;

/// <summary>Everything that auditors do with holds, and what others may know of them.</summary>
internal sealed class HoldHandler(
    IStreams streams, IReadModel<HoldView> views, IFiles files, IFolders folders, IAccounts accounts, IAccess access,
    IHolds holds, TimeProvider clock) :
    IRequestHandler<PlaceHold, Answer<HoldView>>,
    IRequestHandler<LiftHold, Answer<HoldView>>,
    IRequestHandler<ReadHold, Answer<HoldView>>,
    IRequestHandler<ListHolds, Answer<Page<HoldView>>>,
    IRequestHandler<ReadFileHold, Answer<FileHold>>
{
    public async Task<Answer<HoldView>> Handle(PlaceHold ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAuditor)
            return No.AuditorsOnly;
        if (await OwnerOf(ask.Kind, ask.Target, cancellationToken) is not { } owner)
            return No.NoSuchTarget;

        var place = new HoldCommand.Place(
            NewId.Of<HoldId>(clock), ask.Kind, ask.Target, ask.By.Account, ask.Reason.Trim());
        return await streams.Transact<HoldView>(async transaction =>
        {
            // Whether it is there still is asked in the same transaction: of a deletion and a hold at once, one is first.
            if (ask.Kind == HoldKind.File && await files.IsGone(transaction, owner, new FileId(ask.Target)))
                return No.TooLate;
            if (ask.Kind == HoldKind.Folder && !await folders.IsThere(transaction, owner, new FolderId(ask.Target)))
                return No.NoSuchTarget;
            return await transaction.Decide(HoldDecider.StreamOf(owner), HoldDecider.Decider, place) is { } no
                ? no
                : new HoldView(place.Hold, place.Kind, place.Target, owner, place.Reason, place.By, transaction.Now);
        }, cancellationToken);
    }

    public async Task<Answer<HoldView>> Handle(LiftHold ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAuditor)
            return No.AuditorsOnly;
        if (await views.Find(ask.Hold.ToString(), cancellationToken) is not { } hold)
            return No.NoSuchHold;
        return await streams.Transact<HoldView>(async transaction =>
            await transaction.Decide(
                HoldDecider.StreamOf(hold.OwnerId), HoldDecider.Decider,
                new HoldCommand.Lift(ask.Hold, ask.By.Account, ask.Reason.Trim())) is { } no
                ? no
                : hold.LiftedAt is not null ? hold
                : hold with { LiftedAt = transaction.Now, LiftedBy = ask.By.Account, LiftReason = ask.Reason.Trim() },
            cancellationToken);
    }

    public async Task<Answer<HoldView>> Handle(ReadHold ask, CancellationToken cancellationToken) =>
        !ask.By.IsAuditor ? No.AuditorsOnly
        : await views.Find(ask.Hold.ToString(), cancellationToken) is { } hold ? hold
        : No.NoSuchHold;

    public async Task<Answer<Page<HoldView>>> Handle(ListHolds ask, CancellationToken cancellationToken) =>
        ask.By.IsAuditor
            ? await views.List(
                ask.Lifted ? HoldProjection.All : HoldProjection.Standing, ask.Cursor, ask.Limit, descending: true, cancellationToken)
            : No.AuditorsOnly;

    public async Task<Answer<FileHold>> Handle(ReadFileHold ask, CancellationToken cancellationToken)
    {
        var leave = await access.Ask(ask.By, ask.File, FileAction.Share, cancellationToken);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        return may.IsDeleted
            ? AccessRejection.NoSuchFile
            : await streams.Transact<FileHold>(
                async transaction => new FileHold((await holds.OverFile(transaction, may.Owner, ask.File)).Count > 0), cancellationToken);
    }

    // Auditors open no content and see no names: that something of this id is there, they may know.
    private async Task<AccountId?> OwnerOf(HoldKind kind, Guid target, CancellationToken cancel) => kind switch
    {
        HoldKind.File => (await files.Find(new FileId(target), cancel))?.Owner,
        HoldKind.Folder => await folders.OwnerOf(new FolderId(target), cancel),
        _ => (await accounts.Find(new AccountId(target), cancel))?.Id,
    };
}

/// <summary>Holds, as the slices that delete something ask for them.</summary>
internal sealed class HoldRegister(IFiles files, IFolders folders) : IHolds
{
    public async Task<IReadOnlySet<HoldId>> OverFile(ITransaction transaction, AccountId owner, FileId file)
    {
        var state = await transaction.Load(HoldDecider.StreamOf(owner), HoldDecider.Decider);
        var over = state.On(HoldKind.File, file.Value).ToHashSet();
        // Where a file is, is only asked when it matters.
        over.UnionWith(state.HasAny(HoldKind.Folder)
            ? await Over(transaction, state, owner, await files.FolderOf(transaction, owner, file))
            : state.On(HoldKind.Account, owner.Value));
        return over;
    }

    public async Task<IReadOnlySet<HoldId>> OverFolder(ITransaction transaction, AccountId owner, FolderId folder) =>
        await Over(
            transaction, await transaction.Load(HoldDecider.StreamOf(owner), HoldDecider.Decider), owner, folder);

    public async Task<bool> LetGo(ITransaction transaction, AccountId owner, FileId file, FolderId to) =>
        (await transaction.Load(HoldDecider.StreamOf(owner), HoldDecider.Decider)).HasAny(HoldKind.Folder)
        && await LetGo(transaction, owner, await files.FolderOf(transaction, owner, file), to);

    public async Task<bool> LetGo(ITransaction transaction, AccountId owner, FolderId from, FolderId to)
    {
        var state = await transaction.Load(HoldDecider.StreamOf(owner), HoldDecider.Decider);
        return state.HasAny(HoldKind.Folder)
            && !(await Over(transaction, state, owner, to)).IsSupersetOf(await Over(transaction, state, owner, from));
    }

    private async Task<HashSet<HoldId>> Over(ITransaction transaction, HoldState state, AccountId owner, FolderId folder)
    {
        var over = state.On(HoldKind.Account, owner.Value).ToHashSet();
        if (state.HasAny(HoldKind.Folder))
        {
            foreach (var above in await folders.Above(transaction, owner, folder))
                over.UnionWith(state.On(HoldKind.Folder, above.Value));
        }

        return over;
    }
}
