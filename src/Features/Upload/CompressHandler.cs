using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>
/// Compresses what an upload brought, when that pays. The compressed bytes are stored beside the others and read back; then
/// the owner's ledger tells of it, in a transaction that also asks whether somebody still needs them; and only then the others
/// go. Whoever has the object, by whatever file or version, has it by its key and sees nothing of it.
/// </summary>
internal sealed class CompressHandler(IStreams streams, IObjects objects, ICompression compression, IAllowance allowance) :
    IRequestHandler<CompressContent, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(CompressContent work, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Raw(work.Upload);
        if (!compression.IsOn)
            return new Done();
        if (!await allowance.IsNeeded(work.Owner, key, work.File, work.Upload, cancellationToken))
        {
            // A try that was killed may have stored its form after the others went.
            await objects.Delete(key, cancellationToken);
            return new Done();
        }

        if (await Whole(work, cancellationToken) is not { } whole)
            return new Done();

        KillPoint.Reach("compression.begun");
        if (await Prepare(work.Owner, key, whole, cancellationToken) is not { } form)
            return new Done();
        KillPoint.Reach("compression.read-back");
        var recorded = await streams.Transact<Done>(
            async transaction => await allowance.Compress(transaction, work.Owner, work.File, work.Upload, form) is { } no
                ? no
                : default(Done),
            cancellationToken);
        KillPoint.Reach("compression.recorded");
        // Whoever gave it up last removed what was there, perhaps before the second form was.
        if (recorded.Refusal is not null)
            await objects.Delete(key, cancellationToken);
        else
            await compression.Switch(key, cancellationToken);
        KillPoint.Reach("compression.switched");
        return new Done();
    }

    // What cannot be read is not made smaller: the scrub tells of it.
    private async Task<CompressedForm?> Prepare(AccountId owner, ObjectKey key, UploadEvent.Completed whole, CancellationToken cancel)
    {
        try
        {
            return await compression.Prepare(owner, key, whole.Sha256 == PersonalAttribute.Erased ? null : whole.Sha256, cancel);
        }
        catch (Exception failure) when (ObjectReading.IsOfTheObject(failure))
        {
            return null;
        }
    }

    private async Task<UploadEvent.Completed?> Whole(CompressContent work, CancellationToken cancel) =>
        await streams.Read(UploadDecider.StreamOf(work.File, work.Owner).Name, 0, cancel)
            .Select(happened => happened.Fact).OfType<UploadEvent.Completed>()
            .FirstOrDefaultAsync(whole => whole.Upload == work.Upload, cancel);
}
