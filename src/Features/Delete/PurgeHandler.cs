using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Removes what is left of a file that is to be deleted for good.</summary>
internal sealed class PurgeHandler(IStreams streams, IObjects objects, IAllowance allowance, IPipeline pipeline) :
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
        var removed = 0;
        foreach (var original in (await FileTrail.Of(work.File, streams, cancellationToken)).Originals)
        {
            await objects.Delete(original, cancellationToken);
            removed++;
            KillPoint.Reach("purge.one-object-gone");
        }

        var variants = await objects.List(ObjectKey.VariantsOf(work.File), cancellationToken).ToListAsync(cancellationToken);
        foreach (var variant in variants)
        {
            await objects.Delete(variant.Key, cancellationToken);
            removed++;
        }

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
}
