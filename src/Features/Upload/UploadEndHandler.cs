using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Ends resumable uploads that nobody ends, and removes what is left of those that ended without a file.</summary>
internal sealed class UploadEndHandler(
    IObjects objects, Transfers transfers, TransferBytes bytes, DirectJoins joins, TimeProvider clock) :
    IRequestHandler<ExpireUpload, Answer<Done>>,
    IRequestHandler<DiscardUpload, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(ExpireUpload ask, CancellationToken cancellationToken)
    {
        var state = await transfers.Load(ask.Owner, ask.File, cancellationToken);
        if (state.Of(ask.Upload) is not { Stage: TransferStage.Open } open || open.Until > clock.GetUtcNow())
            return default(Done);
        var transfer = open with { Owner = ask.Owner };
        if (transfer.PartBytes is not null)
            return transfer.DeliveredBy is null ? await transfers.End(transfer, "expired") : await joins.Join(transfer, cancellationToken);
        // Whether whoever began a version of a named file may still do that, nobody can say: it needed them to end it.
        if (transfer.IsPart || transfer.IsAimed || transfer.TokenDigest.Length == 0
            || await bytes.Stored(transfer, cancellationToken) != transfer.SizeBytes)
            return await transfers.End(transfer, "expired");

        // All its bytes came in time: it becomes a file, or ends refused. Should neither hold, the deadline comes again.
        await bytes.Finish(new Caller(ask.Owner, default, false), transfer, null);
        return default(Done);
    }

    // Also what a request on another node still wrote while the upload ended: the fact comes first, the bytes go after it.
    public async Task<Answer<Done>> Handle(DiscardUpload ask, CancellationToken cancellationToken)
    {
        await objects.Delete(ObjectKey.Raw(ask.Upload), cancellationToken);
        await joins.Discard(ask.Upload, cancellationToken);
        return default(Done);
    }
}
