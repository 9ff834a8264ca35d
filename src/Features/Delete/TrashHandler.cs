using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Shows an account's trash and empties it.</summary>
internal sealed class TrashHandler(
    IStreams streams, IReadModel<TrashEntry> trash, IFiles files, IFolderTrash bin, IPipeline pipeline, IHolds holds,
    IRetention retention, IFolderAccess access, IWorkQueue queue, TimeProvider clock) :
    IRequestHandler<ListTrash, Answer<Page<TrashedFile>>>,
    IRequestHandler<EmptyTrash, Answer<EmptiedTrash>>,
    IRequestHandler<EmptyTrashOf, Answer<Done>>
{
    public async Task<Answer<Page<TrashedFile>>> Handle(ListTrash ask, CancellationToken cancellationToken)
    {
        var asked = await Whose(ask.By, ask.Space, cancellationToken);
        if (asked is not Answer<AccountId>.Yes(var owner, _))
            return asked.Refusal!;
        var page = await trash.List(
            DeleteProjection.TrashOf(owner), ask.Cursor, ask.Limit, descending: true, cancellationToken);
        var found = await Task.WhenAll(page.Items.Select(entry => Shown(entry, cancellationToken)));
        // One that was deleted between the two looks is not shown.
        return new Page<TrashedFile>([.. found.OfType<TrashedFile>()], page.NextCursor);
    }

    public async Task<Answer<EmptiedTrash>> Handle(EmptyTrash ask, CancellationToken cancellationToken)
    {
        var asked = await Whose(ask.By, ask.Space, cancellationToken);
        if (asked is not Answer<AccountId>.Yes(var owner, _))
            return asked.Refusal!;
        var until = clock.GetUtcNow();
        var (count, kept) = (0, 0);
        Rejection? why = null;
        await foreach (var entry in All(owner, until, cancellationToken))
        {
            if (await streams.Transact<Done>(
                    async transaction => await WhatKeeps(transaction, owner, entry) is { } no ? no : new Done(),
                    cancellationToken) is { Refusal: { } because })
                (kept, why) = (kept + 1, why ?? because);
            else
                count++;
        }

        if (why is not null && count == 0)
            return why;
        if (count > 0)
            await queue.Enqueue(
                new WorkItem(
                    DeleteSlice.Queue, new EmptyTrashOf(owner, until) { By = owner == ask.By.Account ? null : ask.By.Account }, Origin.Current.CorrelationId,
                    Origin.Current.CausationId),
                cancellationToken);
        return new EmptiedTrash(count, kept);
    }

    // Each file is its own transaction: done again after a crash, it goes on where it stopped.
    public async Task<Answer<Done>> Handle(EmptyTrashOf work, CancellationToken cancellationToken)
    {
        await foreach (var entry in All(work.Owner, work.Until, cancellationToken))
        {
            var emptied = await streams.Transact(
                transaction => entry.IsFolder
                    ? Doom(transaction, work.Owner, new FolderId(entry.Id))
                    : Empty(transaction, work.Owner, work.By ?? work.Owner, new FileId(entry.Id)),
                cancellationToken);
            if (emptied.Refusal is not null)
                return emptied;
        }

        return new Done();
    }

    private async Task<Answer<AccountId>> Whose(Caller by, GroupId? space, CancellationToken cancel) => space is not { } group
        ? by.Account
        : (await access.Ask(by, FolderId.RootOf(AccountId.SpaceOf(group)), FolderAction.Own, cancel)).Map(may => may.Owner);

    // What is in a folder is looked at file by file when it goes.
    private async Task<Rejection?> WhatKeeps(ITransaction transaction, AccountId owner, TrashEntry entry) =>
        !entry.IsFolder ? await Keeping.Of(holds, retention, transaction, owner, new FileId(entry.Id))
        : (await holds.OverFolder(transaction, owner, new FolderId(entry.Id))).Count > 0 ? HoldRejection.Stands
        : null;

    private async Task<TrashedFile?> Shown(TrashEntry entry, CancellationToken cancel)
    {
        if (!entry.IsFolder)
        {
            return await files.Find(new FileId(entry.Id), cancel) is { } file
                ? new TrashedFile("file", entry.Id, file.Name, file.SizeBytes, entry.TrashedAt, file.FolderId)
                : null;
        }

        return await bin.FindTrashed(entry.Owner, new FolderId(entry.Id), cancel) is { } folder
            ? new TrashedFile("folder", entry.Id, folder.Name, 0, entry.TrashedAt, folder.Parent)
            : null;
    }

    private async Task<Answer<Done>> Empty(ITransaction transaction, AccountId owner, AccountId by, FileId file)
    {
        var stream = DeleteDecider.StreamOf(file, owner);
        if (await Keeping.Of(holds, retention, transaction, owner, file) is not null)
            return new Done();
        if (await transaction.Decide(stream, DeleteDecider.Decider, new DeleteCommand.Empty(file, by)) is { } no)
            return no;
        // Restored between the look and now: then it stays, and so does its processing.
        if ((await transaction.Load(stream, DeleteDecider.Decider)).Stage == DeleteStage.Present)
            return new Done();
        return await pipeline.Cancel(transaction, owner, file) is { } cannot ? cannot : new Done();
    }

    // One that was restored meanwhile stays, and so does one under a hold.
    private async Task<Answer<Done>> Doom(ITransaction transaction, AccountId owner, FolderId folder) =>
        (await holds.OverFolder(transaction, owner, folder)).Count == 0
        && await bin.IsTrashedWith(transaction, owner, folder, folder) && await bin.Doom(transaction, owner, folder) is { } no
            ? no
            : new Done();

    private async IAsyncEnumerable<TrashEntry> All(
        AccountId owner, DateTimeOffset until,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string? cursor = null;
        do
        {
            var page = await trash.List(DeleteProjection.TrashOf(owner), cursor, 1000, descending: true, cancel);
            foreach (var entry in page.Items.Where(entry => entry.TrashedAt <= until))
                yield return entry;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
