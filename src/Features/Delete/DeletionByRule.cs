using System.Runtime.CompilerServices;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Delete;

/// <summary>Deletes what rules say. Nobody asked for it just now, so the log names no actor; the rule is the owner's.</summary>
internal sealed class DeletionByRule(
    IStreams streams, IPipeline pipeline, IFolderTrash bin, IReadModel<TrashEntry> trash, IAllowance allowance) : IDeletion
{
    public Task<Rejection?> Delete(ITransaction transaction, AccountId owner, FileId file) =>
        Decide(transaction, owner, file, new DeleteCommand.Request(file, owner));

    public Task<Rejection?> DeleteTrashed(ITransaction transaction, AccountId owner, FileId file) =>
        Decide(transaction, owner, file, new DeleteCommand.Empty(file, owner));

    public async Task<FileRemains?> Remains(FileId file, CancellationToken cancel)
    {
        AccountId? owner = null;
        var had = new List<(AccountId Owner, TrailedContent Content)>();
        var (trail, versions, isPurged, removed) = (FileTrail.Untrodden, 0, false, new Removed(0, 0, 0, 0, 0));
        await foreach (var happened in streams.ReadMerged(FileTrail.StreamsOf(file), cancel))
        {
            trail = trail.After(happened.Fact);
            switch (happened.Fact)
            {
                case UploadEvent.Completed or UploadEvent.Reinstated:
                    (owner, versions) = (happened.Stream.Tenant, versions + 1);
                    had.Add((happened.Stream.Tenant, trail.Originals[^1]));
                    break;
                case UploadEvent.HandedOver handed:
                    owner = handed.To;
                    had.AddRange(trail.Originals.Select(one => (handed.To, one)));
                    break;
                case DeleteEvent.Verified seen:
                    removed = new Removed(seen.Originals, seen.Variants, seen.Uploads, seen.Bytes, seen.Places);
                    break;
                case DeleteEvent.Purged:
                    isPurged = true;
                    break;
            }
        }

        return owner is not { } whose ? null : new FileRemains(
            whose, versions, isPurged, removed.Originals, removed.Variants, removed.Uploads, removed.Bytes,
            isPurged ? await Shared(file, had, cancel) : []);
    }

    public IAsyncEnumerable<(FileId File, DateTimeOffset TrashedAt)> Trashed(AccountId owner, CancellationToken cancel) =>
        Files(DeleteProjection.TrashOf(owner), null, cancel);

    public async Task<Rejection?> DeleteTrashed(ITransaction transaction, AccountId owner, FolderId folder) =>
        await bin.IsTrashedWith(transaction, owner, folder, folder) ? await bin.Doom(transaction, owner, folder) : null;

    public async IAsyncEnumerable<(FolderId Folder, DateTimeOffset TrashedAt)> TrashedWithoutFiles(
        AccountId owner, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var entry in All(DeleteProjection.TrashOf(owner), cancel))
        {
            var folder = new FolderId(entry.Id);
            if (entry.IsFolder && !await Files(DeleteProjection.TrashedIn(folder, folder), folder, cancel).AnyAsync(cancel))
                yield return (folder, entry.TrashedAt);
        }
    }

    // What it gave up itself does not count: whoever has it still are others. Of who owned it before, too.
    private async Task<IReadOnlyList<ObjectKey>> Shared(
        FileId file, IEnumerable<(AccountId Owner, TrailedContent Content)> had, CancellationToken cancel)
    {
        var shared = new List<ObjectKey>();
        foreach (var (owner, original) in had.DistinctBy(one => one.Content.StoredAs))
        {
            if (await allowance.IsNeeded(owner, original.StoredAs, file, original.Upload, cancel))
                shared.Add(original.StoredAs);
        }

        return shared;
    }

    // What went with a folder, too: the lists of folders that are still to be gone through, and with what they went.
    private async IAsyncEnumerable<(FileId File, DateTimeOffset TrashedAt)> Files(
        string index, FolderId? went, [EnumeratorCancellation] CancellationToken cancel)
    {
        var open = new Stack<(string Index, FolderId? With)>([(index, went)]);
        while (open.TryPop(out var list))
        {
            await foreach (var entry in All(list.Index, cancel))
            {
                if (!entry.IsFolder)
                    yield return (new FileId(entry.Id), entry.TrashedAt);
                else if (new FolderId(entry.Id) is var folder && (list.With ?? folder) is var with)
                    open.Push((DeleteProjection.TrashedIn(folder, with), with));
            }
        }
    }

    private async IAsyncEnumerable<TrashEntry> All(string index, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = null; ;)
        {
            var page = await trash.List(index, cursor, 1000, descending: false, cancel);
            foreach (var entry in page.Items)
                yield return entry;
            if ((cursor = page.NextCursor) is null)
                break;
        }
    }

    private async Task<Rejection?> Decide(ITransaction transaction, AccountId owner, FileId file, DeleteCommand command)
    {
        var stream = DeleteDecider.StreamOf(file, owner);
        if (await transaction.Decide(stream, DeleteDecider.Decider, command) is { } no)
            return no;
        return (await transaction.Load(stream, DeleteDecider.Decider)).Stage == DeleteStage.Requested
            ? await pipeline.Cancel(transaction, owner, file)
            : null;
    }
}
