using MediatR;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Handover;

/// <summary>
/// What is left to do once a file is another's: the former owner's bytes go, unless other files of theirs have them, and what
/// was made of the file is written anew under the new owner's key. Safe twice, late, and after the next transfer.
/// </summary>
internal sealed class SettlingHandler(IStreams streams, IObjects objects, IAllowance allowance) :
    IRequestHandler<SettleHandover, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(SettleHandover work, CancellationToken cancellationToken)
    {
        var (former, now, owner) = (new List<(AccountId Owner, UploadId Upload, ObjectKey Key)>(), new HashSet<ObjectKey>(), work.To);
        await foreach (var happened in streams.Read($"upload-{work.File}", 0, cancellationToken))
        {
            switch (happened.Fact)
            {
                case UploadEvent.Completed made:
                    former.Add((happened.Stream.Tenant, made.Upload, made.StoredAs));
                    now.Add(made.StoredAs);
                    break;
                case UploadEvent.HandedOver handed:
                    owner = handed.To;
                    now = [.. handed.Versions.Select(one => one.StoredAs)];
                    former.AddRange(handed.Versions.Select(one => (handed.To, one.Upload, one.StoredAs)));
                    break;
            }
        }

        foreach (var (whose, upload, key) in former.Where(one => !now.Contains(one.Key)).DistinctBy(one => one.Key))
        {
            if (!await allowance.IsNeeded(whose, key, work.File, upload, cancellationToken))
                await objects.Delete(key, cancellationToken);
            KillPoint.Reach("handover.former-bytes-gone");
        }

        if (owner == work.To)
        {
            foreach (var made in await objects.List(ObjectKey.VariantsOf(work.File), cancellationToken).ToListAsync(cancellationToken))
                await WriteAnew(made.Key, owner, cancellationToken);
        }

        return new Done();
    }

    // What no longer opens is made again by whoever asks for it.
    private async Task WriteAnew(ObjectKey key, AccountId owner, CancellationToken cancel)
    {
        try
        {
            await using var content = await objects.Open(key, cancel);
            if (content is not null)
                await objects.OwnedBy(owner).Put(key, content, cancel);
        }
        catch (ObjectKeyLostException)
        {
            await objects.Delete(key, cancel);
        }
    }
}
