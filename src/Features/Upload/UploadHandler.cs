using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Takes a file that comes whole in one request.</summary>
internal sealed class UploadHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, UploadCompletion completion,
    UploadOptions options, TimeProvider clock) : IRequestHandler<ReceiveFile, Answer<UploadedFile>>
{
    public async Task<Answer<UploadedFile>> Handle(ReceiveFile ask, CancellationToken cancellationToken)
    {
        if (ask.AtMostBytes - UploadOptions.FormBytes > options.MaxFileBytes)
            return No.TooLarge;
        if (ContentSniffer.Declared(ask.DeclaredType) is { } declared && options.Refuses(declared))
            return No.TypeRefused;
        var found = await folders.Find(ask.By, ask.Placement.Folder, cancellationToken);
        if (found is not Answer<FolderId>.Yes(var folder, _))
            return found.Refusal!;
        if (ask.Placement.OnConflict == NameConflict.Fail
            && await folders.FreeName(folder, ask.Name, cancellationToken) != ask.Name)
            return EntryName.Taken;

        var upload = NewId.Of<UploadId>(clock);
        var begin = new UploadCommand.Begin(
            upload, UploadDecider.NewFileOf(upload), folder, ask.Name,
            ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, null, "", ask.Placement.OnConflict, default);
        var space = new UploadSpace(
            streams, allowance, clock, options, ask.By.Account, begin, ask.AtMostBytes, cancellationToken);

        // A commit whose answer got lost may have happened. An upload that the log knows of is ended by the log's own
        // state; the bytes of any other then stay, for they may be a file by now: reconciling finds out.
        var isCommitting = false;
        try
        {
            KillPoint.Reach("upload.headers-read");
            var stored = await Store(ask, upload, space, cancellationToken);
            KillPoint.Reach("upload.sealed");
            if (stored is not Answer<StoredFile>.Yes(var file, _))
                return await Drop(stored.Refusal!, ask, begin, space);
            var placed = await Place(ask, folder, cancellationToken);
            if (placed is not Answer<ArrivedAt>.Yes(var at, _))
                return await Drop(placed.Refusal!, ask, begin, space);

            isCommitting = true;
            var done = await completion.Complete(new ArrivedFile(
                ask.By, upload, space.IsRecorded ? begin.File : null, null, at.Folder, at.OnConflict, ask.Name,
                file.ContentType, file.Bytes));
            KillPoint.Reach("upload.before-reply");
            return done.Refusal is { } why ? await Drop(why, ask, begin, space) : done;
        }
        catch (Exception) when (!isCommitting || space.IsRecorded)
        {
            await Drop(No.Ended, ask, begin, space);
            throw;
        }
    }

    private async Task<Answer<StoredFile>> Store(
        ReceiveFile ask, UploadId upload, UploadSpace space, CancellationToken cancel)
    {
        if (await space.Cover(LeastBytes(ask)) is { } full)
            return full;
        var isJudged = false;
        await using var content = new ArrivingBytes(ask.Content, Judge, cancel, ask.Checks);
        try
        {
            var bytes = await objects.Put(ObjectKey.Raw(upload), content, cancel);
            var type = ContentSniffer.TypeOf(content.Head.Span, ask.DeclaredType, ask.Name);
            return options.Refuses(type) ? No.TypeRefused : content.Verdict is { } other ? other : new StoredFile(bytes, type);
        }
        catch (Exception) when (content.Refused is not null)
        {
            return content.Refused;
        }

        ValueTask<Rejection?> Judge(ArrivingBytes bytes)
        {
            if (!isJudged && bytes.Head.Length == ArrivingBytes.HeadBytes)
            {
                isJudged = true;
                if (options.Refuses(ContentSniffer.TypeOf(bytes.Head.Span, ask.DeclaredType, ask.Name)))
                    return ValueTask.FromResult<Rejection?>(No.TypeRefused);
            }

            return space.Cover(bytes.TakenBytes);
        }
    }

    // Fields may follow the file: only here is it certain where it goes.
    private async Task<Answer<ArrivedAt>> Place(ReceiveFile ask, FolderId folder, CancellationToken cancel)
    {
        var read = await ask.ReadToEnd(cancel);
        if (read is not Answer<Placement>.Yes(var place, _))
            return read.Refusal!;
        return place.Folder == ask.Placement.Folder
            ? new ArrivedAt(folder, place.OnConflict)
            : (await folders.Find(ask.By, place.Folder, cancel)).Map(other => new ArrivedAt(other, place.OnConflict));
    }

    private async Task<Rejection> Drop(Rejection why, ReceiveFile ask, UploadCommand.Begin begin, UploadSpace space)
    {
        if (space.IsRecorded)
            await completion.Abandon(ask.By.Account, begin.Upload, begin.File, "refused");
        else
            await objects.Delete(ObjectKey.Raw(begin.Upload), CancellationToken.None);
        return why;
    }

    // A form cannot weigh more than its limit besides the file: so large is the file at least.
    private static long LeastBytes(ReceiveFile ask) => Math.Max(0, (ask.AtMostBytes ?? 0) - UploadOptions.FormBytes);

    private sealed record StoredFile(SealedObject Bytes, string ContentType);

    private sealed record ArrivedAt(FolderId Folder, NameConflict OnConflict);
}
