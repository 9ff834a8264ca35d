using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Resumable uploads. How far one is, is the durable length of its object: no event tells of single bytes.</summary>
internal sealed class TusHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, IFiles files, IAccess access,
    UploadCompletion completion, UploadTargets targets, UploadsInUse inUse, UploadOptions options, TimeProvider clock) :
    IRequestHandler<CreateUpload, Answer<CreatedUpload>>,
    IRequestHandler<ReadUpload, Answer<UploadProgress>>,
    IRequestHandler<ContinueUpload, Answer<UploadProgress>>,
    IRequestHandler<CancelUpload, Answer<Done>>,
    IRequestHandler<ExpireUpload, Answer<Done>>,
    IRequestHandler<DiscardUpload, Answer<Done>>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<Answer<CreatedUpload>> Handle(CreateUpload ask, CancellationToken cancellationToken)
    {
        if (ask.LengthBytes > options.MaxFileBytes)
            return No.TooLarge;
        if (ask.ContentBytes > ask.LengthBytes)
            return No.BeyondLength;
        if (ContentSniffer.Declared(ask.DeclaredType) is { } declared && options.Refuses(declared))
            return No.TypeRefused;
        UploadTarget? target = null;
        if (ask.Placement.Into is { } into)
        {
            var aim = await targets.Find(ask.By, into, ask.IfMatch, cancellationToken);
            if (aim is not Answer<UploadTarget>.Yes(var there, _))
                return aim.Refusal!;
            target = there;
        }

        var found = target is null ? await folders.Find(ask.By, ask.Placement.Folder, cancellationToken) : target.File.FolderId;
        if (found is not Answer<FolderId>.Yes(var folder, _))
            return found.Refusal!;
        var upload = NewId.Of<UploadId>(clock);
        var meant = target is null ? await MeantFor(ask, upload, folder, cancellationToken) : target.File.Id;
        if (meant is not Answer<FileId>.Yes(var file, _))
            return meant.Refusal!;

        var token = UploadToken.New(file);
        var begin = new UploadCommand.Begin(
            upload, file, folder, ask.Name, ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, ask.LengthBytes,
            UploadToken.Digest(token, ask.By.Account), ask.Placement.OnConflict, clock.GetUtcNow() + options.Life);
        var answer = ask.LengthBytes == 0
            || (ComesWhole(ask) && ask.LengthBytes <= await allowance.Available(target?.Owner ?? ask.By.Account, cancellationToken))
            ? await TakeWhole(ask, begin, target, cancellationToken)
            : await Begin(ask, begin, target, cancellationToken);
        return answer.Map(progress => new CreatedUpload(token, progress));
    }

    public async Task<Answer<UploadProgress>> Handle(ReadUpload ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        if (transfer.Stage == TransferStage.Complete)
            return Progress(transfer, transfer.SizeBytes!.Value, transfer.File);
        var lengthBytes = await StoredBytes(transfer, cancellationToken);
        if (lengthBytes < transfer.SizeBytes)
            return Progress(transfer, lengthBytes, null);

        // All bytes are there and no file: a crash came between. A client that reads "complete" here sends nothing more.
        using var turn = await inUse.Enter(transfer.Upload, interrupt: false, Patience, cancellationToken);
        return turn is null ? No.InUse : await Finish(ask.By, transfer, null);
    }

    public async Task<Answer<UploadProgress>> Handle(ContinueUpload ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        using var turn = inUse.TryEnter(transfer.Upload);
        if (turn is null)
            return No.InUse;

        var isComplete = transfer.Stage == TransferStage.Complete;
        var storedBytes = isComplete ? transfer.SizeBytes!.Value : await StoredBytes(transfer, cancellationToken);
        if (ask.OffsetBytes != storedBytes)
            return No.WrongOffset;
        if (ask.ContentBytes > transfer.SizeBytes - storedBytes)
            return No.BeyondLength;
        if (isComplete)
            return Progress(transfer, storedBytes, transfer.File);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Stopped);
        await using var content = Incoming(ask.Content, transfer, storedBytes, stop.Token);
        return storedBytes == transfer.SizeBytes
            ? await Finish(ask.By, transfer, null)
            : await Continue(ask.By, transfer, storedBytes, content);
    }

    public async Task<Answer<Done>> Handle(CancelUpload ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Token, cancellationToken);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        using var turn = await inUse.Enter(transfer.Upload, interrupt: true, Patience, cancellationToken);
        return turn is null ? No.InUse : await End(transfer, "cancelled");
    }

    public async Task<Answer<Done>> Handle(ExpireUpload ask, CancellationToken cancellationToken)
    {
        var state = await Load(ask.Owner, ask.File, cancellationToken);
        if (state.Of(ask.Upload) is not { Stage: TransferStage.Open } open || open.Until > clock.GetUtcNow())
            return default(Done);
        var transfer = open with { Owner = ask.Owner };
        // Whether whoever began a version of a named file may still do that, nobody can say: it needed them to end it.
        if (transfer.IsAimed || transfer.TokenDigest.Length == 0
            || await StoredBytes(transfer, cancellationToken) != transfer.SizeBytes)
            return await End(transfer, "expired");

        // All its bytes came in time: it becomes a file, or ends refused. Should neither hold, the deadline comes again.
        await Finish(new Caller(ask.Owner, default, false), transfer, null);
        return default(Done);
    }

    // Also what a request on another node still wrote while the upload ended: the fact comes first, the bytes go after it.
    public async Task<Answer<Done>> Handle(DiscardUpload ask, CancellationToken cancellationToken)
    {
        await objects.Delete(ObjectKey.Raw(ask.Upload), cancellationToken);
        return default(Done);
    }

    private async Task<Answer<FileId>> MeantFor(
        CreateUpload ask, UploadId upload, FolderId folder, CancellationToken cancel)
    {
        if (ask.Placement.OnConflict == NameConflict.Fail && await folders.FreeName(folder, ask.Name, cancel) != ask.Name)
            return EntryName.Taken;
        if (ask.Placement.OnConflict != NameConflict.NewVersion
            || await files.FindByName(folder, ask.Name, cancel) is not { } existing)
            return UploadDecider.NewFileOf(upload);
        return (await access.Ask(ask.By, existing.Id, FileAction.Edit, cancel)).Map(may => may.File);
    }

    private static bool ComesWhole(CreateUpload ask) =>
        ask.Content is not null && ask.ContentBytes == ask.LengthBytes && ask.LengthBytes <= UploadOptions.SmallBytes;

    // As an upload in one request: nothing is recorded before the bytes are there. A client that is cut off has no URL yet.
    private async Task<Answer<UploadProgress>> TakeWhole(
        CreateUpload ask, UploadCommand.Begin begin, UploadTarget? target, CancellationToken cancel)
    {
        var transfer = TransferOf(begin, target?.Owner ?? ask.By.Account);
        await using var content = Incoming(ask.Content ?? Stream.Null, transfer, 0, cancel);
        SealedObject bytes;
        try
        {
            bytes = await objects.OwnedBy(ask.By.Account).Put(ObjectKey.Raw(begin.Upload), content, cancel);
        }
        catch (Exception) when (content.Refused is not null)
        {
            return content.Refused;
        }

        var type = ContentSniffer.TypeOf(content.Head.Span, ask.DeclaredType, ask.Name);
        var answer = bytes.SizeBytes != ask.LengthBytes ? No.BrokenBody
            : options.Refuses(type) ? No.TypeRefused
            : await completion.Complete(new ArrivedFile(
                ask.By, begin.Upload, begin.File, begin, begin.Folder, begin.OnConflict, begin.Name, type, bytes)
            {
                Target = target,
            });
        if (answer.Refusal is not null)
            await objects.Delete(bytes.Key, CancellationToken.None);
        return answer.Map(done => Progress(transfer, ask.LengthBytes, done.File.Id));
    }

    private async Task<Answer<UploadProgress>> Begin(
        CreateUpload ask, UploadCommand.Begin begin, UploadTarget? target, CancellationToken cancel)
    {
        var owner = target?.Owner ?? ask.By.Account;
        var begun = await streams.Transact<Done>(
            async transaction =>
                target is not null && await files.IsGoing(transaction, owner, begin.File) ? AccessRejection.NoSuchFile
                : (await Record(transaction, owner, begin, target)
                ?? await allowance.Reserve(transaction, owner, begin.Upload, ask.LengthBytes, begin.Until)) is { } no
                    ? no
                    : default(Done),
            cancel);
        KillPoint.Reach("upload.reserved");
        var transfer = TransferOf(begin, owner) with { IsAimed = target is not null, IfVersion = target?.IfVersion };
        if (begun.Refusal is not null || ask.Content is null)
            return begun.Map(_ => Progress(transfer, 0, null));

        await using var content = Incoming(ask.Content, transfer, 0, cancel);
        var answer = await Continue(ask.By, transfer, 0, content);
        if (answer.Refusal is not null)
            await End(transfer, "cancelled"); // nobody knows its URL
        return answer;
    }

    // In the stream of the file that it is meant for, and where that is another one, in its own stream too.
    private static async Task<Rejection?> Record(
        ITransaction transaction, AccountId owner, UploadCommand.Begin begin, UploadTarget? target)
    {
        var own = UploadDecider.OwnStreamOf(begin.Upload, owner);
        var meant = UploadDecider.StreamOf(begin.File, owner);
        transaction.ExpectNew(own);
        return await transaction.Decide(meant, UploadDecider.Decider, begin)
               ?? (target is null ? null : await transaction.Decide(
                   meant, UploadDecider.Decider, new UploadCommand.Aim(begin.Upload, begin.File, target.IfVersion)))
               ?? (meant == own ? null : await transaction.Decide(
                   own, UploadDecider.Decider, new UploadCommand.Assign(begin.Upload, begin.File)));
    }

    private static ArrivingBytes Incoming(Stream content, Transfer transfer, long storedBytes, CancellationToken stop) => new(
        content,
        bytes => ValueTask.FromResult(bytes.TakenBytes > transfer.SizeBytes - storedBytes ? No.BeyondLength : default),
        stop);

    // Nothing of this is cancelled with the request: what arrived is kept, and the last byte makes the file. The content
    // itself ends when its request does.
    private async Task<Answer<UploadProgress>> Continue(
        Caller by, Transfer transfer, long fromBytes, ArrivingBytes content)
    {
        var storedBytes = fromBytes;
        KillPoint.Reach("upload.patch-headers-read");
        try
        {
            storedBytes = await objects.OwnedBy(by.Account).Append(
                ObjectKey.Raw(transfer.Upload), fromBytes, content, CancellationToken.None);
        }
        catch (OffsetMismatchException)
        {
            return No.WrongOffset;
        }
        catch (Exception) when (content.Refused is not null)
        {
            // What came before is durable; the client finds out how much it is and goes on from there.
        }

        KillPoint.Reach("upload.offset-stored");
        if (content.Refused is null && storedBytes == transfer.SizeBytes)
            return await Finish(by, transfer, fromBytes == 0 ? content.Head : null);
        if ((await Load(transfer.Owner, transfer.File, CancellationToken.None)).Of(transfer.Upload) is { Stage: TransferStage.Open })
            return content.Refused is { } why ? why : Progress(transfer, storedBytes, null);
        await objects.Delete(ObjectKey.Raw(transfer.Upload), CancellationToken.None);
        return No.Ended;
    }

    private async Task<Answer<UploadProgress>> Finish(Caller by, Transfer transfer, ReadOnlyMemory<byte>? head)
    {
        var bytes = await objects.Seal(ObjectKey.Raw(transfer.Upload), CancellationToken.None);
        KillPoint.Reach("upload.patch-sealed");
        var type = ContentSniffer.TypeOf((head ?? await Head(bytes.Key)).Span, transfer.ContentType, transfer.Name);
        var answer = options.Refuses(type) ? No.TypeRefused : await Complete();
        if (answer.Refusal is { Kind: not RejectionKind.Busy })
            await End(transfer, "refused");
        KillPoint.Reach("upload.patch-before-reply");
        return answer.Map(done => Progress(transfer, bytes.SizeBytes, done.File.Id));

        async Task<Answer<UploadedFile>> Complete()
        {
            if (transfer.IsAimed)
                return await CompleteAimed(by, transfer, type, bytes);
            var found = await folders.Find(by, transfer.Folder, CancellationToken.None);
            return found is Answer<FolderId>.Yes(var folder, _)
                ? await completion.Complete(new ArrivedFile(
                    by, transfer.Upload, transfer.File, null, folder, transfer.OnConflict, transfer.Name, type, bytes))
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

    private Task<Answer<Done>> End(Transfer transfer, string reason) =>
        completion.Abandon(transfer.Owner, transfer.Upload, transfer.File, reason);

    private async Task<Answer<Transfer>> Find(Caller by, string token, CancellationToken cancel)
    {
        if (!UploadToken.TryRead(token, out var file))
            return No.Missing;
        var transfer = (await Load(by.Account, file.Value, cancel)).WithToken(UploadToken.Digest(token, by.Account));
        return transfer is null ? No.Missing
            : transfer.Stage == TransferStage.Abandoned || transfer.Until <= clock.GetUtcNow() ? No.Ended
            : !transfer.IsAimed ? transfer with { Owner = by.Account }
            : (await access.Ask(by, transfer.File, FileAction.Edit, cancel)).Map(may => transfer with { Owner = may.Owner });
    }

    private Task<UploadState> Load(AccountId owner, FileId file, CancellationToken cancel) =>
        streams.Load(UploadDecider.StreamOf(file, owner), UploadDecider.Decider, cancel);

    // A sealed object does not grow any more: it has all its bytes, and only the transaction after it is missing.
    private async Task<long> StoredBytes(Transfer transfer, CancellationToken cancel)
    {
        if (await objects.GrowingLength(ObjectKey.Raw(transfer.Upload), cancel) is { } growing)
            return growing;
        await using var whole = await objects.Open(ObjectKey.Raw(transfer.Upload), cancel);
        return whole?.Length ?? 0;
    }

    private async Task<ReadOnlyMemory<byte>> Head(ObjectKey key)
    {
        await using var content = await objects.Open(key, CancellationToken.None);
        var head = new byte[ArrivingBytes.HeadBytes];
        return content is null ? default
            : head.AsMemory(0, await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false));
    }

    private static UploadProgress Progress(Transfer transfer, long storedBytes, FileId? file) => new(
        storedBytes, transfer.SizeBytes ?? storedBytes, transfer.Until, transfer.Name, transfer.ContentType, file);

    private static Transfer TransferOf(UploadCommand.Begin begin, AccountId owner) => new(
        begin.Upload, begin.File, begin.Folder, begin.Name, begin.ContentType, begin.SizeBytes, begin.TokenDigest,
        begin.OnConflict, begin.Until, TransferStage.Open, 0)
    {
        Owner = owner,
    };
}
