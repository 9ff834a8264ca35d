using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Removes what is left of a file that is to be deleted for good, and looks whether it is gone.</summary>
internal sealed class PurgeHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IPipeline pipeline, IUploads uploads) :
    IRequestHandler<PurgeFile, Answer<Done>>
{
    // Bytes first, then the fact and the space in one transaction: after a crash at any point it all runs again, and what
    // is gone already is no error. Running it for a file that nobody wants deleted does nothing.
    public async Task<Answer<Done>> Handle(PurgeFile work, CancellationToken cancellationToken)
    {
        var stream = DeleteDecider.StreamOf(work.File, work.Owner);
        var state = await streams.Load(stream, DeleteDecider.Decider, cancellationToken);
        if (state.Stage is not (DeleteStage.Requested or DeleteStage.Purged))
            return new Done();

        KillPoint.Reach("purge.begun");
        // Who would add to an upload from here on is told that it has ended, and takes the bytes away.
        // And what it has is given up before it is removed: nobody comes to share it from here on.
        var ended = await streams.Transact(transaction => EndUploads(transaction, work), cancellationToken);
        if (ended is not Answer<IReadOnlyList<UploadId>>.Yes(var unfinished, _))
            return ended.Refusal!;

        KillPoint.Reach("purge.given-up");
        var removed = await Remove(work, unfinished, cancellationToken);
        KillPoint.Reach("purge.objects-gone");
        // A version that was completed after the request has been charged and planned since: both end here again.
        return await streams.Transact<Done>(async transaction =>
        {
            var no = await transaction.Decide(stream, DeleteDecider.Decider, new DeleteCommand.Purge(work.File, removed))
                     ?? await allowance.Free(transaction, work.Owner, work.File)
                     ?? await pipeline.Cancel(transaction, work.Owner, work.File);
            return no is null ? new Done() : no;
        }, cancellationToken);
    }

    private async Task<Answer<IReadOnlyList<UploadId>>> EndUploads(ITransaction transaction, PurgeFile work)
    {
        var ended = await uploads.EndAimed(transaction, work.Owner, work.File);
        if (ended is not Answer<IReadOnlyList<UploadId>>.Yes(var all, _))
            return ended;
        foreach (var upload in all)
        {
            if (await allowance.Release(transaction, work.Owner, upload) is { } no)
                return no;
        }

        return await allowance.GiveUp(transaction, work.Owner, work.File) is { } why ? why : ended;
    }

    // Of the bytes that the file had, those that others have too stay.
    private async Task<List<ObjectKey>> Originals(PurgeFile work, CancellationToken cancel)
    {
        var last = new List<ObjectKey>();
        foreach (var original in (await FileTrail.Of(work.File, streams, cancel)).Originals.DistinctBy(one => one.StoredAs))
        {
            if (!await allowance.IsNeeded(work.Owner, original.StoredAs, work.File, original.Upload, cancel))
                last.Add(original.StoredAs);
        }

        return last;
    }

    private async Task<Removed> Remove(PurgeFile work, IReadOnlyList<UploadId> unfinished, CancellationToken cancel)
    {
        var file = work.File;
        var trail = await Originals(work, cancel);
        var parts = unfinished.Select(ObjectKey.Raw).ToList();
        var removed = new Removed(0, 0, 0, 0, trail.Count + parts.Count + 1);
        foreach (var original in trail)
        {
            if (await SizeOf(original, cancel) is { } bytes)
                removed = removed with { Originals = removed.Originals + 1, Bytes = removed.Bytes + bytes };
            await objects.Delete(original, cancel);
            KillPoint.Reach("purge.one-object-gone");
        }

        foreach (var part in parts)
        {
            if (await SizeOf(part, cancel) is { } bytes)
                removed = removed with { Uploads = removed.Uploads + 1, Bytes = removed.Bytes + bytes };
            await objects.Delete(part, cancel);
        }

        foreach (var variant in await objects.List(ObjectKey.VariantsOf(file), cancel).ToListAsync(cancel))
        {
            await objects.Delete(variant.Key, cancel);
            removed = removed with { Variants = removed.Variants + 1, Bytes = removed.Bytes + variant.SizeBytes };
        }

        // That a store said yes is not that the bytes are gone.
        foreach (var key in trail.Concat(parts))
        {
            if (await SizeOf(key, cancel) is not null)
                throw new TransientException($"{key} of a file that is deleted for good is still there.");
        }

        if (await objects.List(ObjectKey.VariantsOf(file), cancel).AnyAsync(cancel))
            throw new TransientException("A variant of a file that is deleted for good is still there.");
        return removed;
    }

    // Whole or growing; null when it is not there. What is damaged or has lost its key goes as well, and counts for nothing.
    private async Task<long?> SizeOf(ObjectKey key, CancellationToken cancel) =>
        await objects.SizeOf(key, cancel) ?? await objects.GrowingLength(key, cancel);
}
