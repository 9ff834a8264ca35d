using MediatR;

namespace EventFiles.Features.Files;

/// <summary>Removes what is left of a version that is deleted.</summary>
internal sealed class VersionPurgeHandler(IStreams streams, IObjects objects, IAllowance allowance) :
    IRequestHandler<PurgeVersion, Answer<Done>>
{
    // Bytes first, then the fact and the space in one transaction: after a crash at any point it all runs again, and what
    // is gone already is no error. Of several versions with the same bytes, the one that is deleted last finds that no
    // other has them: whoever looks here looks after the deletion that led here.
    public async Task<Answer<Done>> Handle(PurgeVersion work, CancellationToken cancellationToken)
    {
        var stream = VersionDecider.StreamOf(work.File, work.Owner);
        var state = await streams.Load(stream, VersionDecider.Decider, cancellationToken);
        if (!state.Deleted.Contains(work.Version) || state.Purged.Contains(work.Version))
            return new Done();
        var made = await streams.Load(VersionsMade.StreamOf(work.File, work.Owner), VersionsMade.Decider, cancellationToken);
        var upload = made.SharesUpload(work.Version, state) ? default(UploadId?) : made.All[work.Version].Upload;
        var original = upload is { } last && await IsLast(work, last, made.All[work.Version].StoredAs, cancellationToken)
            ? made.All[work.Version].StoredAs
            : default(ObjectKey?);

        KillPoint.Reach("version-purge.begun");
        var (count, bytes) = (0, 0L);
        if (original is { } key)
        {
            // What is damaged goes as well, and counts for nothing.
            (count, bytes) = await objects.SizeOf(key, cancellationToken) is { } size ? (1, size) : (0, 0);
            await objects.Delete(key, cancellationToken);
        }

        KillPoint.Reach("version-purge.original-gone");
        await foreach (var variant in objects.List(ObjectKey.VariantsOf(work.File, work.Version), cancellationToken))
        {
            await objects.Delete(variant.Key, cancellationToken);
            (count, bytes) = (count + 1, bytes + variant.SizeBytes);
        }

        await Verify(work, original, cancellationToken);
        return await streams.Transact<Done>(async transaction =>
        {
            var no = await transaction.Decide(
                         stream, VersionDecider.Decider, new VersionCommand.Purge(work.File, work.Version, count, bytes))
                     ?? (upload is not { } freed ? null : await allowance.FreeUpload(transaction, work.Owner, work.File, freed));
            return no is null ? new Done() : no;
        }, cancellationToken);
    }

    // First it is given up, and only what nobody has then is removed: whoever comes later stores it anew.
    private async Task<bool> IsLast(PurgeVersion work, UploadId upload, ObjectKey original, CancellationToken cancel)
    {
        await streams.Transact<Done>(
            async transaction => await allowance.GiveUpUpload(transaction, work.Owner, work.File, upload) is { } no ? no : new Done(),
            cancel);
        KillPoint.Reach("version-purge.given-up");
        return !await allowance.IsNeeded(work.Owner, original, work.File, upload, cancel);
    }

    // That a store said yes is not that the bytes are gone.
    private async Task Verify(PurgeVersion work, ObjectKey? original, CancellationToken cancel)
    {
        if (original is { } key && await objects.SizeOf(key, cancel) is not null)
            throw new TransientException("The original of a deleted version is still there.");
        if (await objects.List(ObjectKey.VariantsOf(work.File, work.Version), cancel).AnyAsync(cancel))
            throw new TransientException("A variant of a deleted version is still there.");
    }
}
