using System.Collections.Immutable;
using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Makes a file of the bytes of partial uploads. They are written anew, as one object, and one transaction then completes
/// the one upload, consumes the others and turns their space into the file's: nothing is charged twice, and whoever dies
/// before it has changed nothing.
/// </summary>
internal sealed class JoinHandler(
    IObjects objects, Transfers transfers, TransferBytes bytes, UploadDestinations destinations,
    UploadCompletion completion, UploadOptions options, TimeProvider clock) : IRequestHandler<JoinUploads, Answer<CreatedUpload>>
{
    public async Task<Answer<CreatedUpload>> Handle(JoinUploads ask, CancellationToken cancellationToken)
    {
        var found = await Parts(ask, cancellationToken);
        if (found is not Answer<ImmutableArray<Transfer>>.Yes(var parts, _))
            return found.Refusal!;
        if (parts[0].Into is { } into && parts.All(part => part.Into == into))
            return await Again(ask, into.File, cancellationToken);
        if (parts.Any(part => part.Stage != TransferStage.Open || part.Until <= clock.GetUtcNow()))
            return No.Ended;
        foreach (var part in parts)
        {
            if (await bytes.Stored(part, cancellationToken) != part.SizeBytes)
                return No.UnfinishedPart;
        }

        var sizeBytes = parts.Sum(part => part.SizeBytes!.Value);
        if (sizeBytes > options.MaxFileBytes)
            return No.TooLarge;
        var upload = NewId.Of<UploadId>(clock);
        var place = await destinations.Find(
            ask.By, upload, ask.Name, ask.DeclaredType, ask.Placement, ask.IfMatch, cancellationToken);
        if (place is not Answer<UploadDestination>.Yes(var to, _))
            return place.Refusal!;

        var token = UploadToken.Of(to.File, ask.Parts);
        var begin = new UploadCommand.Begin(
            upload, to.File, to.Folder, ask.Name, ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, sizeBytes,
            UploadToken.Digest(token, ask.By.Account), to.OnConflict(ask.Placement.OnConflict), clock.GetUtcNow() + options.Life);
        return (await Join(ask, begin, to, parts)).Map(progress => new CreatedUpload(token, progress));
    }

    private async Task<Answer<ImmutableArray<Transfer>>> Parts(JoinUploads ask, CancellationToken cancel)
    {
        var parts = ImmutableArray.CreateBuilder<Transfer>(ask.Parts.Count);
        foreach (var token in ask.Parts)
        {
            // Another account's upload looks like one that is not there.
            if (await transfers.Look(ask.By, token, cancel) is not { } part)
                return No.Missing;
            if (!part.IsPart)
                return No.NotAPart;
            parts.Add(part);
        }

        return parts.ToImmutable();
    }

    // The client did not hear the first reply: the file is there, and its URL follows from those of the parts.
    private async Task<Answer<CreatedUpload>> Again(JoinUploads ask, FileId file, CancellationToken cancel)
    {
        var token = UploadToken.Of(file, ask.Parts);
        return await transfers.Look(ask.By, token, cancel) is { Stage: TransferStage.Complete } done
            ? new CreatedUpload(token, TransferBytes.Progress(done, done.SizeBytes!.Value, done.File))
            : No.Ended;
    }

    // Not cancelled with the request: the file is its client's, also when that one is gone.
    private async Task<Answer<UploadProgress>> Join(
        JoinUploads ask, UploadCommand.Begin begin, UploadDestination to, ImmutableArray<Transfer> parts)
    {
        var keys = new List<ObjectKey>();
        foreach (var part in parts.Where(part => part.SizeBytes > 0))
        {
            var whole = await bytes.Seal(part);
            if (whole is not Answer<SealedObject>.Yes(var sealedPart, _))
                return whole.Refusal!;
            if (part.Sha256 is { } said && said != sealedPart.Sha256)
                return No.DigestMismatch;
            keys.Add(sealedPart.Key);
        }

        KillPoint.Reach("upload.parts-sealed");
        var key = ObjectKey.Raw(begin.Upload);
        await using var content = new ArrivingBytes(new JoinedStream(objects, keys), _ => default, CancellationToken.None);
        SealedObject stored;
        try
        {
            stored = await objects.OwnedBy(to.Owner).Put(key, content, CancellationToken.None);
        }
        catch (Exception broken) when (content.Refused is not null)
        {
            // A part went away while it was read: cancelled, or its time was over. Else the store is to blame.
            return (await Parts(ask, CancellationToken.None)) is Answer<ImmutableArray<Transfer>>.Yes(var now, _)
                && now.All(part => part.Stage == TransferStage.Open)
                ? throw new IOException("The bytes of a part cannot be read.", broken)
                : No.Ended;
        }

        KillPoint.Reach("upload.parts-joined");
        var type = ContentSniffer.TypeOf(content.Head.Span, ask.DeclaredType, ask.Name);
        var answer = ask.Sha256 is { } promised && promised != stored.Sha256 ? No.DigestMismatch
            : options.Refuses(type) ? No.TypeRefused
            : await completion.Complete(new ArrivedFile(
                ask.By, begin.Upload, begin.File, begin, begin.Folder, begin.OnConflict, begin.Name, type, stored)
            {
                Owner = to.Owner,
                Target = to.Target,
                Parts = [.. parts.Select(part => part.Upload)],
            });
        if (answer.Refusal is not null)
            await objects.Delete(key, CancellationToken.None);
        return answer.Map(done => new UploadProgress(
            stored.SizeBytes, stored.SizeBytes, begin.Until, begin.Name, type, done.File.Id)
        {
            IsFinal = true,
        });
    }
}
