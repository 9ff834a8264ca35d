using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Takes a file that comes whole in one request.</summary>
internal sealed class UploadHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, IFolderAccess folderAccess, UploadCompletion completion,
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

        var found = target is null
            ? await folderAccess.Ask(ask.By, ask.Placement.Folder, FolderAction.Put, cancellationToken)
            : new FolderAccess(target.File.FolderId, target.Owner, MaySee: true);
        if (found is not Answer<FolderAccess>.Yes(var to, _))
            return found.Refusal!;
        var folder = to.Folder;
        if (to.MaySee && ask.Placement.OnConflict == NameConflict.Fail
            && await folders.FreeName(folder, ask.Name, cancellationToken) != ask.Name)
            return EntryName.Taken;

        var upload = NewId.Of<UploadId>(clock);
        var begin = new UploadCommand.Begin(
            upload, UploadDecider.NewFileOf(upload), folder, ask.Name,
            ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, null, "", ask.Placement.OnConflict, default);
        var space = new UploadSpace(
            streams, allowance, clock, options, to.Owner, begin, ask.AtMostBytes, cancellationToken);

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
            var placed = await Place(ask, to, cancellationToken);
            if (placed is not Answer<ArrivedAt>.Yes(var at, _))
                return await Drop(placed.Refusal!, begin, space);

            isCommitting = true;
            var done = await completion.Complete(new ArrivedFile(
                ask.By, upload, space.IsRecorded ? begin.File : null, null, at.Folder, at.OnConflict, ask.Name,
                bytes.ContentType, bytes.Bytes)
            {
                Owner = to.Owner,
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
    private async Task<Answer<ArrivedAt>> Place(ReceiveFile ask, FolderAccess to, CancellationToken cancel)
    {
        var read = await ask.ReadToEnd(cancel);
        if (read is not Answer<Placement>.Yes(var place, _))
            return read.Refusal!;
        if (place.Into != ask.Placement.Into)
            return Placement.FileIdTooLate;
        if (place.Folder == ask.Placement.Folder)
            return new ArrivedAt(to.Folder, UploadDestination.Allowed(place.OnConflict, to.MaySee));
        var found = await folderAccess.Ask(ask.By, place.Folder, FolderAction.Put, cancel);
        // The bytes lie under the key of whose folder it was at the beginning.
        return found is not Answer<FolderAccess>.Yes(var other, _) ? found.Refusal!
            : other.Owner != to.Owner ? Placement.FolderIdTooLate
            : new ArrivedAt(other.Folder, UploadDestination.Allowed(place.OnConflict, other.MaySee));
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
