using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Makes files of parts that clients brought to the store. What the store has is made one object and read from its first
/// byte to its last; only what was read then is a file, and no address that was given out leads to that object.
/// </summary>
internal sealed class DirectJoins(IEnumerable<IDirectWrites> stores, IObjects objects, Transfers transfers, TransferBytes bytes)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    // Of another worker, so that it is no failed try.
    private static Rejection Elsewhere => No.InUse with { RetryAfter = LookAgain };

    private readonly IDirectWrites? store = stores.FirstOrDefault();

    /// <summary>Makes a file of a transfer whose parts are all there, or ends it. Safe to repeat, wherever it was cut short.</summary>
    public async Task<Answer<Done>> Join(Transfer transfer, CancellationToken cancel)
    {
        if (store is null)
            return await transfers.End(transfer, No.DirectUnavailable.Code);
        var key = ObjectKey.Raw(transfer.Upload);
        Rejection? refused = null;
        try
        {
            var parts = new PartPlan(transfer.SizeBytes!.Value, transfer.PartBytes!.Value).All();
            switch (parts.Count == 0 ? DirectJoin.Joined : await store.Join(key, transfer.Owner, parts, cancel))
            {
                case DirectJoin.Elsewhere:
                    return Elsewhere;
                case DirectJoin.NotAsPlanned:
                    return await transfers.End(transfer, No.MissingPart.Code);
            }

            KillPoint.Reach("upload.direct-joined");
            refused = (await bytes.Finish(new Caller(transfer.DeliveredBy!.Value, default, false), transfer, null)).Refusal;
            KillPoint.Reach("upload.direct-finished");
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // Unless it was ended meanwhile and its bytes taken away.
            if (await StageOf(transfer) == TransferStage.Open)
                throw;
        }

        switch (await StageOf(transfer))
        {
            case TransferStage.Open:
                return refused == No.InUse ? Elsewhere : refused is { } why ? why : default(Done);
            case TransferStage.Abandoned:
                await objects.Delete(key, cancel); // what was written after it had ended
                break;
        }

        await store.Discard(key, cancel);
        return default(Done);
    }

    /// <summary>Removes the parts of an upload that is over.</summary>
    public Task Discard(UploadId upload, CancellationToken cancel) => store?.Discard(ObjectKey.Raw(upload), cancel) ?? Task.CompletedTask;

    private async Task<TransferStage> StageOf(Transfer transfer) =>
        (await transfers.Load(transfer.Owner, transfer.File, CancellationToken.None)).Of(transfer.Upload)?.Stage ?? TransferStage.Open;
}
