using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Passes a file's bytes on. They are read to their end and written anew under the new owner's key, and the log knows of an
/// object before it is there.
/// </summary>
internal sealed class HandedContents(IStreams streams, IObjects objects, IUploads uploads, IAllowance allowance) :
    IHandsOverFiles, IHandedBytes
{
    public async Task<Rejection?> Write(AccountId owner, FileId file, IReadOnlyList<HandedContent> contents, CancellationToken cancel)
    {
        foreach (var content in contents.DistinctBy(one => one.Upload))
        {
            var assigned = await streams.Transact<Done>(
                async transaction => await Assign(transaction, owner, file, content) is { } no ? no : new Done(), cancel);
            if (assigned.Refusal is { } why)
                return why;
            KillPoint.Reach("handover.assigned");
            if (!await Copy(owner, content, cancel))
                return No.SourceUnreadable;
            KillPoint.Reach("handover.bytes-written");
        }

        return null;
    }

    // What is a file's by now stays.
    public async Task Drop(AccountId owner, FileId file, IReadOnlyList<HandedContent> contents, CancellationToken cancel)
    {
        foreach (var content in contents.DistinctBy(one => one.Upload))
        {
            await streams.Transact<Done>(async transaction =>
            {
                if ((await transaction.Load(UploadDecider.StreamOf(file, owner), UploadDecider.Decider)).Owner == owner)
                    return new Done();
                var own = UploadDecider.OwnStreamOf(content.Upload, owner);
                return (await transaction.Load(own, UploadDecider.Decider)).Of(content.Upload) is not null
                    && await transaction.Decide(
                        own, UploadDecider.Decider, new UploadCommand.Abandon(content.Upload, file, "refused")) is { } no
                        ? no
                        : new Done();
            }, cancel);
        }
    }

    public async Task<Rejection?> HandOver(ITransaction transaction, FileHandover what)
    {
        // Whoever adds to an upload into the file from here on is told that it has ended: it was meant for the former owner's.
        var ended = await uploads.EndAimed(transaction, what.Former, what.File);
        if (ended is not Answer<IReadOnlyList<UploadId>>.Yes(var all, _))
            return ended.Refusal;
        foreach (var upload in all)
        {
            if (await allowance.Release(transaction, what.Former, upload) is { } unreleased)
                return unreleased;
        }

        foreach (var content in what.Contents.DistinctBy(one => one.Upload))
        {
            if (await Assign(transaction, what.Owner, what.File, content) is { } lost)
                return lost;
        }

        return await transaction.Decide(
            UploadDecider.StreamOf(what.File, what.Owner), UploadDecider.Decider,
            new UploadCommand.HandOver(what.File, what.Former, what.Owner, what.Contents));
    }

    private static Task<Rejection?> Assign(ITransaction transaction, AccountId owner, FileId file, HandedContent content) =>
        transaction.Decide(
            UploadDecider.OwnStreamOf(content.Upload, owner), UploadDecider.Decider, new UploadCommand.Assign(content.Upload, file));

    private async Task<bool> Copy(AccountId owner, HandedContent content, CancellationToken cancel)
    {
        await using var source = await objects.Open(content.Before, cancel);
        if (source is null)
            return false;
        var copy = await objects.OwnedBy(owner).Put(content.StoredAs, source, cancel);
        return copy.SizeBytes == content.SizeBytes && copy.Sha256 == content.Sha256;
    }
}
