using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Resumable uploads, as their clients drive them.</summary>
internal sealed class TusHandler(
    IObjects objects, IAllowance allowance, UploadDestinations destinations, Transfers transfers, TransferBytes bytes,
    UploadCompletion completion, UploadsInUse inUse, UploadOptions options, TimeProvider clock) :
    IRequestHandler<CreateUpload, Answer<CreatedUpload>>,
    IRequestHandler<ReadUpload, Answer<UploadProgress>>,
    IRequestHandler<ContinueUpload, Answer<UploadProgress>>,
    IRequestHandler<CancelUpload, Answer<Done>>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<Answer<CreatedUpload>> Handle(CreateUpload ask, CancellationToken cancellationToken)
    {
        if (ask.LengthBytes > options.MaxFileBytes)
            return No.TooLarge;
        if (ask.ContentBytes > ask.LengthBytes)
            return No.BeyondLength;
        if (ask.IsPart)
            return await CreatePart(ask, cancellationToken);
        var upload = NewId.Of<UploadId>(clock);
        var found = await destinations.Find(
            ask.By, upload, ask.Name, ask.DeclaredType, ask.Placement, ask.IfMatch, cancellationToken);
        if (found is not Answer<UploadDestination>.Yes(var to, _))
            return found.Refusal!;

        var token = UploadToken.New(to.File);
        var begin = new UploadCommand.Begin(
            upload, to.File, to.Folder, ask.Name, ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, ask.LengthBytes,
            UploadToken.Digest(token, ask.By.Account), to.OnConflict(ask.Placement.OnConflict), clock.GetUtcNow() + options.Life);
        var answer = ask.LengthBytes == 0
            || (ComesWhole(ask) && ask.LengthBytes <= (await allowance.Available(to.Owner, cancellationToken)).FreeBytes)
            ? await TakeWhole(ask, begin, to, cancellationToken)
            : await Begin(ask, begin, Transfer.Of(begin, to), token, cancellationToken);
        return answer.Map(progress => new CreatedUpload(token, progress));
    }

    public async Task<Answer<UploadProgress>> Handle(ReadUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        if (transfer.Stage == TransferStage.Complete)
            return TransferBytes.Progress(transfer, transfer.SizeBytes!.Value, transfer.File);
        if (ask.Interrupts)
        {
            using var quiet = await inUse.Enter(transfer.Upload, interrupt: true, Patience, cancellationToken);
            if (quiet is null)
                return No.InUse;
        }

        var lengthBytes = await bytes.Stored(transfer, cancellationToken);
        if (lengthBytes != transfer.SizeBytes)
            return TransferBytes.Progress(transfer, lengthBytes, null);

        // All bytes are there and no file: a crash came between. A client that reads "complete" here sends nothing more.
        using var turn = await inUse.Enter(transfer.Upload, interrupt: false, Patience, cancellationToken);
        return turn is null ? No.InUse : await bytes.Finish(ask.By, transfer, null);
    }

    public async Task<Answer<UploadProgress>> Handle(ContinueUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        if (transfer.IsAssembled)
            return No.Final;
        using var turn = ask.Interrupts
            ? await inUse.Enter(transfer.Upload, interrupt: true, Patience, cancellationToken)
            : inUse.TryEnter(transfer.Upload);
        if (turn is null)
            return No.InUse;

        var isComplete = transfer.Stage == TransferStage.Complete;
        var storedBytes = isComplete ? transfer.SizeBytes!.Value : await bytes.Stored(transfer, cancellationToken);
        if (ask.OffsetBytes != storedBytes)
            return No.WrongOffset;
        var saidBytes = ask.LengthBytes ?? (ask.EndsHere ? storedBytes + ask.ContentBytes : null);
        if (saidBytes < storedBytes || (transfer.SizeBytes is not null && saidBytes is not null && saidBytes != transfer.SizeBytes))
            return No.OtherLength;
        if (saidBytes > options.MaxFileBytes)
            return No.TooLarge;
        if (ask.ContentBytes > (transfer.SizeBytes ?? saidBytes) - storedBytes)
            return No.BeyondLength;
        if (isComplete)
            return TransferBytes.Progress(transfer, storedBytes, transfer.File);

        var announced = await transfers.Announce(transfer, saidBytes, ask.Sha256);
        if (announced is not Answer<Transfer>.Yes(var known, _))
            return announced.Refusal!;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Stopped);
        return storedBytes == known.SizeBytes
            ? await bytes.Finish(ask.By, known, null)
            : await bytes.Take(new Arrival(ask.By, known, storedBytes, ask.Content, ask.ContentBytes, ask.Checks, ask.EndsHere), stop.Token);
    }

    public async Task<Answer<Done>> Handle(CancelUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        using var turn = await inUse.Enter(transfer.Upload, interrupt: true, Patience, cancellationToken);
        return turn is null ? No.InUse : await transfers.End(transfer, "cancelled");
    }

    // A part has no name, no type and no place: what it is for, the upload says that is made of it.
    private async Task<Answer<CreatedUpload>> CreatePart(CreateUpload ask, CancellationToken cancel)
    {
        var upload = NewId.Of<UploadId>(clock);
        var file = UploadDecider.NewFileOf(upload);
        var token = UploadToken.New(file);
        var begin = new UploadCommand.BeginPart(
            upload, file, ask.LengthBytes, UploadToken.Digest(token, ask.By.Account), clock.GetUtcNow() + options.Life);
        var transfer = new Transfer(
            upload, file, default, "", "", begin.SizeBytes, begin.TokenDigest, default, begin.Until, TransferStage.Open, 0)
        {
            IsPart = true,
            Owner = ask.By.Account,
        };
        return (await Begin(ask, begin, transfer, token, cancel)).Map(progress => new CreatedUpload(token, progress));
    }

    private static bool ComesWhole(CreateUpload ask) =>
        ask.Content is not null && ask.ContentBytes == ask.LengthBytes && ask.LengthBytes <= UploadOptions.SmallBytes;

    // As an upload in one request: nothing is recorded before the bytes are there. A client that is cut off has no URL yet.
    private async Task<Answer<UploadProgress>> TakeWhole(
        CreateUpload ask, UploadCommand.Begin begin, UploadDestination to, CancellationToken cancel)
    {
        var transfer = Transfer.Of(begin, to);
        await using var content = new ArrivingBytes(
            ask.Content ?? Stream.Null,
            arriving => ValueTask.FromResult(arriving.TakenBytes > transfer.SizeBytes ? No.BeyondLength : default),
            cancel, ask.Checks);
        SealedObject stored;
        try
        {
            stored = await objects.OwnedBy(to.Owner).Put(ObjectKey.Raw(begin.Upload), content, cancel);
        }
        catch (Exception) when (content.Refused is not null)
        {
            return content.Refused;
        }

        var type = ContentSniffer.TypeOf(content.Head.Span, ask.DeclaredType, ask.Name);
        var answer = stored.SizeBytes != ask.LengthBytes ? No.BrokenBody
            : content.Verdict is { } other ? other
            : ask.Sha256 is { } said && said != stored.Sha256 ? No.DigestMismatch
            : options.Refuses(type) ? No.TypeRefused
            : await completion.Complete(new ArrivedFile(
                ask.By, begin.Upload, begin.File, begin, begin.Folder, begin.OnConflict, begin.Name, type, stored)
            {
                Owner = to.Owner,
                Target = to.Target,
            });
        if (answer.Refusal is not null)
            await objects.Delete(stored.Key, CancellationToken.None);
        return answer.Map(done => TransferBytes.Progress(transfer, stored.SizeBytes, done.File.Id));
    }

    private async Task<Answer<UploadProgress>> Begin(
        CreateUpload ask, UploadCommand begin, Transfer made, string token, CancellationToken cancel)
    {
        var transfer = made with { Sha256 = ask.Sha256 };
        var begun = await transfers.Begin(begin, transfer, cancel);
        KillPoint.Reach("upload.reserved");
        if (begun.Refusal is not null || ask.Content is null)
            return begun.Map(_ => TransferBytes.Progress(transfer, 0, null));

        using var turn = inUse.TryEnter(transfer.Upload)!; // its id is new
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, turn.Stopped);
        var isKnown = ask.Announce is { } announce && await announce(token);
        var answer = await bytes.Take(new Arrival(ask.By, transfer, 0, ask.Content, ask.ContentBytes, ask.Checks, ask.EndsHere), stop.Token);
        if (answer.Refusal is { } why && !(isKnown && why == No.BrokenBody))
            await transfers.End(transfer, "cancelled"); // nobody knows its URL, or it is over anyway
        return answer;
    }
}
