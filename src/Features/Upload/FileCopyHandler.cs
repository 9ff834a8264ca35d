using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Makes files of the bytes of others. Whatever becomes of the file that a copy was made of, the copy's bytes stay; and they
/// are the very same, or there is no copy. Where both are one owner's they are stored once, as any bytes are.
/// </summary>
internal sealed class FileCopyHandler(
    IStreams streams, IObjects objects, IAllowance allowance, IFolders folders, IFiles files, IAccess access, IScans scans,
    UploadCompletion completion, UploadOptions options, TimeProvider clock) :
    IRequestHandler<CopyFile, Answer<UploadedFile>>, IFileCopies
{
    public async Task<Answer<UploadedFile>> Handle(CopyFile ask, CancellationToken cancellationToken)
    {
        var found = await Source(ask.By, ask.File, cancellationToken);
        if (found is not Answer<FileSummary>.Yes(var source, _))
            return found.Refusal!;
        var place = ask.Folder ?? (source.Owner == ask.By.Account ? source.FolderId : null);
        if (await folders.Find(ask.By, place, cancellationToken) is not Answer<FolderId>.Yes(var folder, _))
            return FolderRejection.NoSuchFolder;
        var name = ask.Name ?? source.Name;
        return ask.OnConflict == NameConflict.Fail && await folders.FreeName(folder, name, cancellationToken) != name
            ? EntryName.Taken
            : await Copy(
                source, new FileCopy(ask.By, source.Id, NewId.Of<UploadId>(clock), folder, name, null), ask.OnConflict,
                cancellationToken);
    }

    public async Task<Answer<FileSummary>> Copy(FileCopy wanted, CancellationToken cancel)
    {
        // Asked before, perhaps: then it is there, whatever has become of its source.
        var file = UploadDecider.NewFileOf(wanted.Upload);
        var state = await streams.Load(UploadDecider.StreamOf(file, wanted.By.Account), UploadDecider.Decider, cancel);
        if (state.Of(wanted.Upload) is { Stage: TransferStage.Complete, Version: 1 } done)
        {
            return await files.Find(file, cancel) ?? new FileSummary(
                file, done.Name, done.Folder, done.SizeBytes ?? 0, done.ContentType, null, FileStatus.Ready, 1, default, default, [], ScanVerdict.NotScanned);
        }

        var found = await Source(wanted.By, wanted.Source, cancel);
        return found is Answer<FileSummary>.Yes(var source, _)
            ? (await Copy(source, wanted, NameConflict.Rename, cancel)).Map(copied => copied.File)
            : found.Refusal!;
    }

    private async Task<Answer<FileSummary>> Source(Caller by, FileId file, CancellationToken cancel)
    {
        var leave = await access.Ask(by, file, FileAction.Read, cancel);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        if (may.IsDeleted)
            return AccessRejection.NoSuchFile;
        if (may.IsTrashed)
            return AccessRejection.NotAllowed;
        return await files.Find(file, cancel) switch
        {
            null => AccessRejection.NoSuchFile,
            { Version: 0 } => No.SourceUnreadable,
            var it when (await scans.Of(file, it.Version, cancel)).ToReader(isOwner: by.Account == may.Owner) is { } closed => closed,
            { SizeBytes: var bytes } when bytes > options.MaxFileBytes => No.TooLarge,
            { ContentType: var type } when options.Refuses(type) => No.TypeRefused,
            var source => source,
        };
    }

    private async Task<Answer<UploadedFile>> Copy(
        FileSummary source, FileCopy wanted, NameConflict onConflict, CancellationToken cancel)
    {
        var begin = new UploadCommand.Begin(
            wanted.Upload, UploadDecider.NewFileOf(wanted.Upload), wanted.Folder, wanted.Name, source.ContentType,
            source.SizeBytes, "", onConflict, default);
        var space = new UploadSpace(
            streams, allowance, clock, options, wanted.By.Account, begin, source.SizeBytes, cancel);

        // As with an upload: a commit whose answer got lost may have happened, and its bytes stay then.
        var isCommitting = false;
        try
        {
            if (wanted.From is null && await space.Cover(source.SizeBytes) is { } full)
                return await Drop(full, wanted, begin, space);
            var stored = await Store(source, wanted, space, cancel);
            if (stored is not Answer<SealedObject>.Yes(var bytes, _))
                return await Drop(stored.Refusal!, wanted, begin, space);

            isCommitting = true;
            var done = await completion.Complete(new ArrivedFile(
                wanted.By, wanted.Upload, space.IsRecorded ? begin.File : null, null, wanted.Folder, onConflict, wanted.Name,
                source.ContentType, bytes)
            {
                Source = new CopySource(source.Id, source.Version),
                From = wanted.From,
            });
            return done.Refusal is { } why ? await Drop(why, wanted, begin, space) : done;
        }
        catch (Exception) when (!isCommitting || space.IsRecorded)
        {
            await Drop(No.Ended, wanted, begin, space);
            throw;
        }
    }

    private async Task<Answer<SealedObject>> Store(
        FileSummary source, FileCopy wanted, UploadSpace space, CancellationToken cancel)
    {
        Stream? content;
        try
        {
            content = await objects.OpenWhole(source.StoredAs, source.SizeBytes, cancel);
        }
        catch (ObjectDamagedException)
        {
            return DamageRejection.Damaged;
        }

        return content is null ? No.SourceUnreadable : await Store(content, source, wanted, space, cancel);
    }

    private async Task<Answer<SealedObject>> Store(
        Stream source, FileSummary told, FileCopy wanted, UploadSpace space, CancellationToken cancel)
    {
        await using var content = source;
        await using var passedOn = new PassedOnBytes(content, wanted.From is null ? space.Cover : null);
        SealedObject copy;
        try
        {
            copy = await objects.OwnedBy(wanted.By.Account).Put(ObjectKey.Raw(wanted.Upload), passedOn, cancel);
        }
        catch (Exception) when (passedOn.Refused is not null)
        {
            return passedOn.Refused;
        }

        // What the disk has altered since is not made a file of.
        return copy.SizeBytes == told.SizeBytes && told.Sha256 is { } sha256 && (sha256 == copy.Sha256 || sha256 == PersonalAttribute.Erased)
            ? copy
            : DamageRejection.Damaged;
    }

    // What is asked for again under the same id may be a file by now, made by whoever was faster: such bytes are left to
    // the search for those that nothing stands for.
    private async Task<Rejection> Drop(Rejection why, FileCopy wanted, UploadCommand.Begin begin, UploadSpace space)
    {
        if (wanted.From is not null)
            return why;
        if (space.IsRecorded)
            await completion.Abandon(wanted.By.Account, begin.Upload, begin.File, "refused");
        else
            await objects.Delete(ObjectKey.Raw(begin.Upload), CancellationToken.None);
        return why;
    }
}
