using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Shows an account's trash and empties it.</summary>
internal sealed class TrashHandler(
    IStreams streams, IReadModel<TrashEntry> trash, IFiles files, IPipeline pipeline, IHolds holds,
    IRetention retention, IWorkQueue queue,
    TimeProvider clock) :
    IRequestHandler<ListTrash, Answer<Page<TrashedFile>>>,
    IRequestHandler<EmptyTrash, Answer<EmptiedTrash>>,
    IRequestHandler<EmptyTrashOf, Answer<Done>>
{
    public async Task<Answer<Page<TrashedFile>>> Handle(ListTrash ask, CancellationToken cancellationToken)
    {
        var page = await trash.List(
            DeleteProjection.TrashOf(ask.By.Account), ask.Cursor, ask.Limit, descending: true, cancellationToken);
        var found = await Task.WhenAll(page.Items.Select(entry => files.Find(entry.Id, cancellationToken)));
        // One that was deleted between the two looks is not shown.
        return new Page<TrashedFile>(
            [.. page.Items.Zip(found)
                .Where(pair => pair.Second is not null)
                .Select(pair => new TrashedFile(
                    pair.First.Id, pair.Second!.Name, pair.Second.SizeBytes, pair.First.TrashedAt, pair.Second.FolderId))],
            page.NextCursor);
    }

    public async Task<Answer<EmptiedTrash>> Handle(EmptyTrash ask, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow();
        var (count, kept) = (0, 0);
        Rejection? why = null;
        await foreach (var entry in All(ask.By.Account, until, cancellationToken))
        {
            if (await streams.Transact<Done>(
                    async transaction => await WhatKeeps(transaction, ask.By.Account, entry.Id) is { } no ? no : new Done(),
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
                    DeleteSlice.Queue, new EmptyTrashOf(ask.By.Account, until), Origin.Current.CorrelationId,
                    Origin.Current.CausationId),
                cancellationToken);
        return new EmptiedTrash(count, kept);
    }

    // Each file is its own transaction: done again after a crash, it goes on where it stopped.
    public async Task<Answer<Done>> Handle(EmptyTrashOf work, CancellationToken cancellationToken)
    {
        await foreach (var entry in All(work.Owner, work.Until, cancellationToken))
        {
            var emptied = await streams.Transact<Done>(async transaction =>
            {
                var stream = DeleteDecider.StreamOf(entry.Id, work.Owner);
                if (await WhatKeeps(transaction, work.Owner, entry.Id) is not null)
                    return new Done();
                if (await transaction.Decide(
                        stream, DeleteDecider.Decider, new DeleteCommand.Empty(entry.Id, work.Owner)) is { } no)
                    return no;
                // Restored between the look and now: then it stays, and so does its processing.
                if ((await transaction.Load(stream, DeleteDecider.Decider)).Stage == DeleteStage.Present)
                    return new Done();
                return await pipeline.Cancel(transaction, work.Owner, entry.Id) is { } cannot ? cannot : new Done();
            }, cancellationToken);
            if (emptied.Refusal is not null)
                return emptied;
        }

        return new Done();
    }

    private async Task<Rejection?> WhatKeeps(ITransaction transaction, AccountId owner, FileId file) =>
        (await holds.OverFile(transaction, owner, file)).Count > 0 ? HoldRejection.Stands
        : await retention.KeepsFile(transaction, owner, file) ? KeepingRejection.TooEarly
        : null;

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
