using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>
/// Removes the bytes of an upload whose version has others that are the same: only when those were read and are the same
/// indeed. Should the disk have altered or lost them, they are replaced by these.
/// </summary>
internal sealed class DuplicateHandler(IStreams streams, IObjects objects) : IRequestHandler<DiscardDuplicate, Answer<Done>>
{
    // A replaced object that nobody needs any more by then is found by the next reconcile, as all that is left over.
    public async Task<Answer<Done>> Handle(DiscardDuplicate work, CancellationToken cancellationToken)
    {
        var own = ObjectKey.Raw(work.Upload);
        if (await Whole(work, cancellationToken) is not { } whole || whole.StoredAs == own)
            return new Done();

        KillPoint.Reach("duplicate.begun");
        if ((await Read(whole, whole.StoredAs, cancellationToken)).Damage is not null)
        {
            // What cannot be read is no reason to remove what may be the better of the two.
            if ((await Read(whole, own, cancellationToken)).Damage is { } bad)
                return bad == ObjectDamage.Missing ? new Done() : throw new TransientException("Neither of two objects with the same bytes can be read.");
            await using var good = await objects.Open(own, cancellationToken)
                ?? throw new TransientException("The bytes of an upload went while they were read.");
            await objects.OwnedBy(work.Owner).Put(whole.StoredAs, good, cancellationToken);
            KillPoint.Reach("duplicate.replaced");
        }

        await objects.Delete(own, cancellationToken);
        return new Done();
    }

    private async Task<UploadEvent.Completed?> Whole(DiscardDuplicate work, CancellationToken cancel) =>
        await streams.Read(UploadDecider.StreamOf(work.File, work.Owner).Name, 0, cancel)
            .Select(happened => happened.Fact).OfType<UploadEvent.Completed>()
            .FirstOrDefaultAsync(whole => whole.Upload == work.Upload, cancel);

    private Task<ObjectReading> Read(UploadEvent.Completed whole, ObjectKey key, CancellationToken cancel) => ObjectReading.Of(
        objects, key, whole.SizeBytes, whole.Sha256 == PersonalAttribute.Erased ? null : whole.Sha256, null, cancel);
}
