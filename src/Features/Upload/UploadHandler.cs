using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Takes a file that comes whole in one request, from an account or by a link.</summary>
internal sealed class UploadHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, IFolderAccess folderAccess, UploadCompletion completion,
    UploadTargets targets, IInboxes inboxes, UploadOptions options, TimeProvider clock) :
    IRequestHandler<ReceiveFile, Answer<UploadedFile>>,
    IRequestHandler<BringFile, Answer<BroughtFile>>
{
    public async Task<Answer<UploadedFile>> Handle(ReceiveFile ask, CancellationToken cancellationToken)
    {
        if (Refused(ask, options) is { } no)
            return no;
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
        if (to.MaySee && ask.Placement.OnConflict == NameConflict.Fail
            && await folders.FreeName(to.Folder, ask.Name, cancellationToken) != ask.Name)
            return EntryName.Taken;
        return await Receive(ask, new Destination(to, target, null, options), cancellationToken);
    }

    public async Task<Answer<BroughtFile>> Handle(BringFile ask, CancellationToken cancellationToken)
    {
        var entered = await inboxes.Enter(ask.Visit, cancellationToken);
        if (entered is not Answer<OpenInbox>.Yes(var inbox, _))
            return entered.Refusal!;
        if (ask.Placement != Placement.Unsaid)
            return No.BadField;

        // In the name of whose folder it is: into that one, beside whatever is there, and never into a file of theirs.
        var place = new Placement(inbox.Folder, NameConflict.Rename);
        var receive = new ReceiveFile(
            new Caller(inbox.Owner, default, IsAdministrator: false), ask.Name, ask.DeclaredType, place, ask.Content, ask.AtMostBytes,
            async stop => (await ask.ReadToEnd(stop)) switch
            {
                Answer<Placement>.Yes(var said, _) when said == Placement.Unsaid => place,
                { Refusal: { } why } => why,
                _ => No.BadField,
            })
        {
            Checks = ask.Checks,
        };
        var limits = options with { MaxFileBytes = Math.Min(inbox.MaxFileBytes ?? long.MaxValue, options.MaxFileBytes) };
        var to = new FolderAccess(inbox.Folder, inbox.Owner, MaySee: false);
        var done = Refused(receive, limits) is { } no ? no
            : await Receive(receive, new Destination(to, null, inbox, limits), cancellationToken);
        return done.Refusal is { } why ? ToVisitor(why, inbox) : done.Map(whole => new BroughtFile(ask.Name, whole.File.SizeBytes));
    }

    // Nothing that visitors are told says what else is in the folder.
    private static Rejection ToVisitor(Rejection why, OpenInbox inbox) =>
        why.Code == EntryName.Taken.Code ? throw new TransientException("Others were faster with every name that was tried.")
        : why == FolderRejection.NoSuchFolder ? LinkRejection.NoSuchLink
        : why == No.TooLarge && inbox.MaxFileBytes is not null ? No.TooLarge with { Detail = "The file is larger than the link takes." }
        : why;

    private static Rejection? Refused(ReceiveFile ask, UploadOptions limits) =>
        ask.AtMostBytes - UploadOptions.FormBytes > limits.MaxFileBytes ? No.TooLarge
        : ContentSniffer.Declared(ask.DeclaredType) is { } declared && limits.Refuses(declared) ? No.TypeRefused
        : null;

    private async Task<Answer<UploadedFile>> Receive(ReceiveFile ask, Destination into, CancellationToken cancellationToken)
    {
        var (to, folder) = (into.To, into.To.Folder);
        var upload = NewId.Of<UploadId>(clock);
        var begin = new UploadCommand.Begin(
            upload, UploadDecider.NewFileOf(upload), folder, ask.Name,
            ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, null, "", ask.Placement.OnConflict, default);
        var space = new UploadSpace(
            streams, allowance, clock, into.Limits, to.Owner, begin, into.Inbox is null ? ask.AtMostBytes : null, cancellationToken);

        // A commit whose answer got lost may have happened. An upload that the log knows of is ended by the log's own
        // state; the bytes of any other then stay, for they may be a file by now: reconciling finds out.
        var isCommitting = false;
        try
        {
            KillPoint.Reach("upload.headers-read");
            var stored = await Store(ask, into.Inbox, upload, space, cancellationToken);
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
                Target = into.Target,
                Inbox = into.Inbox,
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
        ReceiveFile ask, OpenInbox? inbox, UploadId upload, UploadSpace space, CancellationToken cancel)
    {
        // By a link anybody could say any size of any number of files: it sets nothing aside, and is looked at only.
        var saidBytes = LeastBytes(ask);
        if ((inbox is null || saidBytes > (await allowance.Available(space.Owner, cancel)).FreeBytes)
            && await space.Cover(saidBytes) is { } full)
            return full;
        var (isJudged, askedAt) = (false, clock.GetTimestamp());
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

            return inbox is not null && clock.GetElapsedTime(askedAt) >= WatchedStream.AskEvery
                ? new ValueTask<Rejection?>(AskAgain(inbox, bytes.TakenBytes))
                : space.Cover(bytes.TakenBytes);
        }

        async Task<Rejection?> AskAgain(OpenInbox through, long takenBytes)
        {
            askedAt = clock.GetTimestamp();
            return await inboxes.Ask(through, cancel) ?? await space.Cover(takenBytes);
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

    // Where a file goes: the file of which it is to be the next version, or the link it comes by, if there is one.
    private sealed record Destination(FolderAccess To, UploadTarget? Target, OpenInbox? Inbox, UploadOptions Limits);

    private sealed record StoredFile(SealedObject Bytes, string ContentType);

    private sealed record ArrivedAt(FolderId Folder, NameConflict OnConflict);
}
