using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>
/// Lets what is in a folder follow it: into the trash, back, and away for good. Folder by folder, since each one's own
/// fact leads to the work for what is in it.
/// </summary>
/// <remarks>
/// Why nothing is left behind. Nothing is put into a folder that lies in the trash, and work begins where views show the
/// fact that it follows from: so a list of the folder's contents is complete. Each transaction that trashes something
/// makes sure that its folder still lies there, so after a folder's return nothing of it goes any more; and what went
/// before is in the list that its return works through. A folder is only deleted when no name is claimed in it.
/// </remarks>
internal sealed class FolderTrashHandler(
    IStreams streams, IReadModel<TrashEntry> trash, IFolders folders, IFolderTrash bin, IFiles files, IPipeline pipeline,
    IHolds holds, IRetention retention) :
    IRequestHandler<TrashContents, Answer<Done>>,
    IRequestHandler<RestoreContents, Answer<Done>>,
    IRequestHandler<PurgeFolder, Answer<Done>>
{
    private const int PageSize = 50;

    public async Task<Answer<Done>> Handle(TrashContents work, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await folders.Children(work.Folder, cursor, PageSize, cancellationToken);
            var trashed = await streams.Transact<Done>(
                async transaction =>
                {
                    if (!await bin.IsTrashedWith(transaction, work.Owner, work.Folder, work.With))
                        return new Done();
                    // What is gone for good by itself meanwhile is no concern of its folder.
                    foreach (var child in page.Items)
                        await Trash(transaction, work, child);
                    return new Done();
                },
                cancellationToken);
            if (trashed.Refusal is not null)
                return trashed;
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return new Done();
    }

    public async Task<Answer<Done>> Handle(RestoreContents work, CancellationToken cancellationToken)
    {
        await foreach (var entry in In(work.Folder, work.With, cancellationToken))
        {
            var restored = await Restore(work, entry, cancellationToken);
            // Thrown away again meanwhile: then it stays where it is.
            if (restored.Refusal is { } why && why != FolderRejection.NoSuchFolder && why.Kind is not (RejectionKind.Gone or RejectionKind.Conflict))
                return restored;
        }

        return new Done();
    }

    public async Task<Answer<Done>> Handle(PurgeFolder work, CancellationToken cancellationToken)
    {
        // What a hold or a rule keeps stays, and the folders that it is in.
        return await Purge(work.Owner, work.Folder, work.Folder, cancellationToken)
            ? new Done()
            : await streams.Transact<Done>(
                async transaction => await bin.Spare(transaction, work.Owner, work.Folder) is { } no ? no : new Done(),
                cancellationToken);
    }

    private Task<Rejection?> Trash(ITransaction transaction, TrashContents work, FolderChild child) => child.IsFolder
        ? bin.Trash(transaction, work.Owner, new FolderId(child.Id), work.With)
        : transaction.Decide(
            DeleteDecider.StreamOf(new FileId(child.Id), work.Owner), DeleteDecider.Decider,
            new DeleteCommand.TrashWith(new FileId(child.Id), work.Folder, work.With, work.Owner));

    private async Task<Answer<Done>> Restore(RestoreContents work, TrashEntry entry, CancellationToken cancel)
    {
        var name = entry.IsFolder ? null : (await files.Find(new FileId(entry.Id), cancel))?.Name ?? "";
        for (var tries = 1; ; tries++)
        {
            var restored = await streams.Transact<Done>(
                async transaction =>
                    !await folders.IsThere(transaction, work.Owner, work.Folder) ? FolderRejection.NoSuchFolder
                    : (entry.IsFolder
                        ? await bin.Restore(transaction, work.Owner, new FolderId(entry.Id), work.Folder, name)
                        : await transaction.Decide(
                            DeleteDecider.StreamOf(new FileId(entry.Id), work.Owner), DeleteDecider.Decider,
                            new DeleteCommand.Restore(new FileId(entry.Id), work.Owner, work.Folder, name!))) is { } no ? no
                    : new Done(),
                cancel);
            if (restored.Refusal != EntryName.Taken || tries > 1)
                return restored;
            var had = name ?? (await bin.FindTrashed(work.Owner, new FolderId(entry.Id), cancel))?.Name ?? "";
            name = await folders.FreeName(work.Folder, had, cancel);
        }
    }

    // Deepest first: a folder goes when nothing is in it. One of which the last is still on its way into the trash is
    // not empty, and is come back to. Each transaction looks whether the whole is still to go: of work that comes twice,
    // the second may find it spared and taken back.
    private async Task<bool> Purge(AccountId owner, FolderId folder, FolderId with, CancellationToken cancel)
    {
        var isWhole = true;
        await foreach (var entry in In(folder, with, cancel))
        {
            isWhole &= entry.IsFolder
                ? await Purge(owner, new FolderId(entry.Id), with, cancel)
                : await Purge(owner, new FileId(entry.Id), with, cancel);
        }

        if (!isWhole)
            return false;
        var removed = await streams.Transact<Done>(
            async transaction =>
                await bin.IsDoomed(transaction, owner, with) && await bin.Remove(transaction, owner, folder) is { } no
                    ? no
                    : new Done(),
            cancel);
        return removed.Refusal is { } why
            ? throw new TransientException($"{folder} cannot be removed yet: {why.Code}")
            : true;
    }

    // Whether it is on its way; else something keeps it.
    private async Task<bool> Purge(AccountId owner, FileId file, FolderId with, CancellationToken cancel)
    {
        var purged = await streams.Transact<Done>(
            async transaction =>
            {
                if (!await bin.IsDoomed(transaction, owner, with))
                    return new Done();
                if (await Keeping.Of(holds, retention, transaction, owner, file) is { } keeps)
                    return keeps;
                var stream = DeleteDecider.StreamOf(file, owner);
                if (await transaction.Decide(stream, DeleteDecider.Decider, new DeleteCommand.Empty(file, owner)) is { } no)
                    return no;
                // Taken out by itself meanwhile.
                return (await transaction.Load(stream, DeleteDecider.Decider)).Stage == DeleteStage.Present ? new Done()
                    : await pipeline.Cancel(transaction, owner, file) is { } cannot ? cannot
                    : new Done();
            },
            cancel);
        if (purged.Refusal is not { } why)
            return true;
        return why == HoldRejection.Stands || why == KeepingRejection.TooEarly
            ? false
            : throw new TransientException($"{file} cannot be deleted yet: {why.Code}");
    }

    private async IAsyncEnumerable<TrashEntry> In(
        FolderId folder, FolderId with, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string? cursor = null;
        do
        {
            var page = await trash.List(DeleteProjection.TrashedIn(folder, with), cursor, 1000, descending: false, cancel);
            foreach (var entry in page.Items)
                yield return entry;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
