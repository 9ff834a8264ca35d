using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Bytes that come for a transfer.</summary>
/// <param name="FromBytes">How many are there already.</param>
/// <param name="ContentBytes">How many come, when the client says.</param>
/// <param name="EndsHere">The client says that these are the last.</param>
internal sealed record Arrival(
    Caller By, Transfer Transfer, long FromBytes, Stream Content, long? ContentBytes, ContentChecks Checks, bool EndsHere);

/// <summary>
/// The bytes of resumable transfers. How far one is, is the durable length of its object: no event tells of single bytes.
/// Nothing here is cancelled with a request: what arrived is kept, and the last byte makes the file. Only the content ends
/// when its request does.
/// </summary>
internal sealed class TransferBytes(
    IObjects objects, IAllowance allowance, IFolderAccess folders, Transfers transfers, UploadTargets targets,
    UploadCompletion completion, UploadOptions options, TimeProvider clock)
{
    // Whoever ends a transfer through another node reaches the request here by the log alone: it is asked after so many
    // bytes, or so long.
    private const long LookBytes = 8 << 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>How many bytes of a transfer are durable.</summary>
    // A sealed object does not grow any more: it has all its bytes, and only the transaction after it is missing.
    public async Task<long> Stored(Transfer transfer, CancellationToken cancel)
    {
        if (await objects.GrowingLength(ObjectKey.Raw(transfer.Upload), cancel) is { } growing)
            return growing;
        await using var whole = await objects.Open(ObjectKey.Raw(transfer.Upload), cancel);
        return whole?.Length ?? 0;
    }

    /// <summary>Adds bytes; with the last one the transfer becomes a file.</summary>
    /// <param name="stop">Ends the content early.</param>
    public async Task<Answer<UploadProgress>> Take(Arrival arrival, CancellationToken stop)
    {
        var (by, transfer, fromBytes) = (arrival.By, arrival.Transfer, arrival.FromBytes);
        var space = transfer.SizeBytes is null
            ? new OpenSpace(transfers, allowance, options, transfer, fromBytes, arrival.ContentBytes)
            : null;
        if (space is not null && await space.Cover(fromBytes + (arrival.ContentBytes ?? 0)) is { } full)
            return full;

        var (lookAtBytes, lookedAt) = (LookBytes, clock.GetTimestamp());
        await using var content = new ArrivingBytes(arrival.Content, Took, stop, arrival.Checks);
        KillPoint.Reach("upload.patch-headers-read");
        var (storedBytes, refused) = await Append(transfer, fromBytes, content);
        KillPoint.Reach("upload.offset-stored");
        if (refused == No.WrongOffset && await IsOpen(transfer))
            return refused; // another request has taken over, and its space with it
        if (refused == No.WrongOffset || refused == No.Ended)
            return await Gone(transfer);
        if (space is not null)
            await space.Settle(storedBytes);
        if (refused == No.BeyondLength)
        {
            // What was announced is wrong, or what came: no file is made of a guess.
            await transfers.End(transfer, "refused");
            return refused;
        }

        if (refused is null && arrival.EndsHere)
        {
            if (storedBytes < transfer.SizeBytes)
                return No.OtherLength;
            var ended = await transfers.Announce(transfer, storedBytes, null);
            if (ended is not Answer<Transfer>.Yes(var whole, _))
                return ended.Refusal!;
            transfer = whole;
        }

        if (refused is null && storedBytes == transfer.SizeBytes)
            return await Finish(by, transfer, fromBytes == 0 ? content.Head : null);
        if (await IsOpen(transfer))
            return refused is { } why ? why : Progress(transfer, storedBytes, null);
        return await Gone(transfer);

        ValueTask<Rejection?> Took(ArrivingBytes bytes)
        {
            if (bytes.TakenBytes >= lookAtBytes || clock.GetElapsedTime(lookedAt) >= LookEvery)
            {
                (lookAtBytes, lookedAt) = (bytes.TakenBytes + LookBytes, clock.GetTimestamp());
                return Look(bytes);
            }

            return May(bytes);
        }

        async ValueTask<Rejection?> Look(ArrivingBytes bytes) => await IsOpen(transfer) ? await May(bytes) : No.Ended;

        ValueTask<Rejection?> May(ArrivingBytes bytes) =>
            space?.Cover(fromBytes + bytes.TakenBytes) ?? ValueTask.FromResult(
                fromBytes + bytes.TakenBytes > transfer.SizeBytes ? No.BeyondLength : default);
    }

    // It has ended while bytes came for it: what they have made of its object is nobody's.
    private async Task<Rejection> Gone(Transfer transfer)
    {
        await objects.Delete(ObjectKey.Raw(transfer.Upload), CancellationToken.None);
        return No.Ended;
    }

    /// <summary>Nothing is added to a transfer's bytes any more; safe to repeat.</summary>
    public async Task<Answer<SealedObject>> Seal(Transfer transfer)
    {
        try
        {
            return await objects.Seal(ObjectKey.Raw(transfer.Upload), CancellationToken.None);
        }
        catch (OffsetMismatchException)
        {
            return No.InUse; // on another node
        }
        catch (FileNotFoundException)
        {
            // Meanwhile it ended, by another request or with the file that it was aimed at, and its bytes went.
            if (await IsOpen(transfer))
                throw;
            return No.Ended;
        }
    }

    /// <summary>Makes a file of a transfer whose bytes are all there; a part waits for the others.</summary>
    /// <param name="head">Its first bytes, when they are known.</param>
    public async Task<Answer<UploadProgress>> Finish(Caller by, Transfer transfer, ReadOnlyMemory<byte>? head)
    {
        if (transfer.IsPart)
            return Progress(transfer, transfer.SizeBytes!.Value, null);
        var key = ObjectKey.Raw(transfer.Upload);
        if (transfer.SizeBytes == 0)
            await BeginEmpty(transfer);
        var whole = await Seal(transfer);
        if (whole is not Answer<SealedObject>.Yes(var bytes, _))
            return whole.Refusal!;
        KillPoint.Reach("upload.patch-sealed");
        var type = ContentSniffer.TypeOf((head ?? await Head(key)).Span, transfer.ContentType, transfer.Name);
        var answer = options.Refuses(type) ? No.TypeRefused
            : transfer.Sha256 is { } said && said != bytes.Sha256 ? No.DigestMismatch
            : await Complete();
        if (answer.Refusal is { Kind: not RejectionKind.Busy })
            await transfers.End(transfer, transfer.PartBytes is null ? "refused" : answer.Refusal.Code);
        KillPoint.Reach("upload.patch-before-reply");
        return answer.Map(done => Progress(transfer, bytes.SizeBytes, done.File.Id));

        async Task<Answer<UploadedFile>> Complete()
        {
            if (transfer.IsAimed)
                return await CompleteAimed(by, transfer, type, bytes);
            var found = await folders.Ask(by, transfer.Folder, FolderAction.Put, CancellationToken.None);
            return found is Answer<FolderAccess>.Yes(var (folder, owner, maySee), _)
                ? await completion.Complete(new ArrivedFile(
                    by, transfer.Upload, transfer.File, null, folder, UploadDestination.Allowed(transfer.OnConflict, maySee), transfer.Name, type, bytes)
                {
                    Owner = owner,
                })
                : found.Refusal!;
        }
    }

    // Whoever may not edit the file any more gives it no version.
    private async Task<Answer<UploadedFile>> CompleteAimed(Caller by, Transfer transfer, string type, SealedObject bytes)
    {
        var aim = await targets.Find(by, transfer.File, null, CancellationToken.None);
        return aim is Answer<UploadTarget>.Yes(var target, _)
            ? await completion.Complete(new ArrivedFile(
                by, transfer.Upload, transfer.File, null, target.File.FolderId, transfer.OnConflict, transfer.Name, type, bytes)
            {
                Target = target with { IfVersion = transfer.IfVersion },
            })
            : aim.Refusal!;
    }

    public static UploadProgress Progress(Transfer transfer, long storedBytes, FileId? file) => new(
        storedBytes, transfer.SizeBytes, transfer.Until, transfer.Name, transfer.ContentType, file)
    {
        IsPart = transfer.IsPart,
        IsFinal = transfer.IsAssembled,
    };

    private async Task<bool> IsOpen(Transfer transfer) =>
        (await transfers.Load(transfer.Owner, transfer.File, CancellationToken.None)).Of(transfer.Upload) is { Stage: TransferStage.Open };

    // What came before a broken connection is durable; the client finds out how much it is and goes on from there.
    private async Task<(long StoredBytes, Rejection? Refused)> Append(Transfer transfer, long fromBytes, ArrivingBytes content)
    {
        var key = ObjectKey.Raw(transfer.Upload);
        try
        {
            var theirs = objects.OwnedBy(transfer.Owner);
            if (content.IsChecked)
                return await AppendChecked(theirs, key, fromBytes, content);
            var storedBytes = await theirs.Append(key, fromBytes, content, CancellationToken.None);
            return (storedBytes, content.Refused);
        }
        catch (OffsetMismatchException)
        {
            return (fromBytes, No.WrongOffset);
        }
        catch (Exception) when (content.Refused is not null)
        {
            return (await Stored(transfer, CancellationToken.None), content.Refused);
        }
    }

    // Bytes that must be checked first come into an object of their own: nobody ever counts one that was not. A process
    // that dies meanwhile leaves an object of which the log does not tell.
    private async Task<(long StoredBytes, Rejection? Refused)> AppendChecked(
        IObjects theirs, ObjectKey key, long fromBytes, ArrivingBytes content)
    {
        var aside = ObjectKey.Raw(NewId.Of<UploadId>(clock));
        await theirs.Put(aside, content, CancellationToken.None);
        try
        {
            if ((content.Refused ?? content.Verdict) is { } no)
                return (fromBytes, no);
            await using var good = await theirs.Open(aside, CancellationToken.None)
                ?? throw new IOException("What was stored a moment ago is not there.");
            return (await theirs.Append(key, fromBytes, good, CancellationToken.None), null);
        }
        finally
        {
            await theirs.Delete(aside, CancellationToken.None);
        }
    }

    private async Task BeginEmpty(Transfer transfer)
    {
        try
        {
            await objects.OwnedBy(transfer.Owner).Append(ObjectKey.Raw(transfer.Upload), 0, Stream.Null, CancellationToken.None);
        }
        catch (OffsetMismatchException)
        {
            // It is sealed already.
        }
    }

    private async Task<ReadOnlyMemory<byte>> Head(ObjectKey key)
    {
        await using var content = await objects.Open(key, CancellationToken.None);
        var head = new byte[ArrivingBytes.HeadBytes];
        return content is null ? default
            : head.AsMemory(0, await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false));
    }
}
