using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Takes a file that comes whole in one request.</summary>
internal sealed class UploadHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, UploadCompletion completion,
    UploadTargets targets, UploadOptions options, TimeProvider clock) : IRequestHandler<ReceiveFile, Answer<UploadedFile>>
{
    public async Task<Answer<UploadedFile>> Handle(ReceiveFile ask, CancellationToken cancellationToken)
    {
        if (ask.AtMostBytes - UploadOptions.FormBytes > options.MaxFileBytes)
            return No.TooLarge;
        if (ContentSniffer.Declared(ask.DeclaredType) is { } declared && options.Refuses(declared))
            return No.TypeRefused;
        UploadTarget? target = null;
        if (ask.Placement.Into is { } file)
        {
            var aim = await targets.Find(ask.By, file, ask.IfMatch, cancellationToken);
            if (aim is not Answer<UploadTarget>.Yes(var there, _))
                return aim.Refusal!;
            target = there;
        }

        var found = target is null ? await folders.Find(ask.By, ask.Placement.Folder, cancellationToken) : target.File.FolderId;
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
            streams, allowance, clock, options, target?.Owner ?? ask.By.Account, begin, ask.AtMostBytes, cancellationToken);

        // A commit whose answer got lost may have happened. An upload that the log knows of is ended by the log's own
        // state; the bytes of any other then stay, for they may be a file by now: reconciling finds out.
        var isCommitting = false;
        try
        {
            KillPoint.Reach("upload.headers-read");
            var stored = await Store(ask, upload, space, cancellationToken);
            KillPoint.Reach("upload.sealed");
            if (stored is not Answer<StoredFile>.Yes(var bytes, _))
                return await Drop(stored.Refusal!, begin, space);
            var placed = await Place(ask, folder, cancellationToken);
            if (placed is not Answer<ArrivedAt>.Yes(var at, _))
                return await Drop(placed.Refusal!, begin, space);

            isCommitting = true;
            var done = await completion.Complete(new ArrivedFile(
                ask.By, upload, space.IsRecorded ? begin.File : null, null, at.Folder, at.OnConflict, ask.Name,
                bytes.ContentType, bytes.Bytes)
            {
                Target = target,
            });
            KillPoint.Reach("upload.before-reply");
            return done.Refusal is { } why ? await Drop(why, begin, space) : done;
        }
        catch (Exception) when (!isCommitting || space.IsRecorded)
        {
            await Drop(No.Ended, begin, space);
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
            var bytes = await objects.OwnedBy(space.Owner).Put(ObjectKey.Raw(upload), content, cancel);
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
        if (place.Into != ask.Placement.Into)
            return Placement.FileIdTooLate;
        return place.Folder == ask.Placement.Folder
            ? new ArrivedAt(folder, place.OnConflict)
            : (await folders.Find(ask.By, place.Folder, cancel)).Map(other => new ArrivedAt(other, place.OnConflict));
    }

    private async Task<Rejection> Drop(Rejection why, UploadCommand.Begin begin, UploadSpace space)
    {
        if (space.IsRecorded)
            await completion.Abandon(space.Owner, begin.Upload, begin.File, "refused");
        else
            await objects.Delete(ObjectKey.Raw(begin.Upload), CancellationToken.None);
        return why;
    }

    // A form cannot weigh more than its limit besides the file: so large is the file at least.
    private static long LeastBytes(ReceiveFile ask) => Math.Max(0, (ask.AtMostBytes ?? 0) - UploadOptions.FormBytes);

    private sealed record StoredFile(SealedObject Bytes, string ContentType);

    private sealed record ArrivedAt(FolderId Folder, NameConflict OnConflict);
}
