using MediatR;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Files.FilesRejection;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Files;

/// <summary>Everything that changes a file's name and place, or tells how it stands.</summary>
internal sealed class FilesHandler(
    IStreams streams, IReadModel<FileView> files, IAccess access, IFolders folders, IHolds holds,
    FileLook look, IStages stages) :
    IRequestHandler<ReadFile, Answer<TaggedFile>>,
    IRequestHandler<ReadFileStatus, Answer<FileStatusView>>,
    IRequestHandler<ChangeFile, Answer<TaggedFile>>
{
    public async Task<Answer<TaggedFile>> Handle(ReadFile ask, CancellationToken cancellationToken)
    {
        var seen = await look.At(ask.By, ask.File, ask.AsOf, cancellationToken);
        return seen is Answer<FileView>.Yes({ IsDeleted: true }, _)
            ? AccessRejection.NoSuchFile
            : seen.Map(file => new TaggedFile(file.ToSummary(), file.ETag()));
    }

    public async Task<Answer<FileStatusView>> Handle(ReadFileStatus ask, CancellationToken cancellationToken)
    {
        var seen = await look.At(ask.By, ask.File, ask.AsOf, cancellationToken);
        if (seen is not Answer<FileView>.Yes(var file, _))
            return seen.Refusal!;
        var status = await file.ToStatus(stages, isPast: ask.AsOf is not null, cancellationToken);
        return seen.Map(_ => status);
    }

    public async Task<Answer<TaggedFile>> Handle(ChangeFile ask, CancellationToken cancellationToken)
    {
        var action = ask.Folder is null ? FileAction.Edit : FileAction.Own;
        var leave = await access.Ask(ask.By, ask.File, action, cancellationToken);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        if (may.IsDeleted || await Find(ask.File, cancellationToken) is not { } file)
            return AccessRejection.NoSuchFile;
        if (may.IsTrashed)
            return AccessRejection.NotAllowed;
        if (file.Current() is null)
            return No.StillUploading;
        if (ask.Folder is { } wanted && (await folders.Find(may.Owner, wanted, cancellationToken)).Refusal is { } missing)
            return missing;
        if (ask.IfMatch is { } tags && !tags.Contains(file.ETag()) && !tags.Contains("*"))
            return No.ChangedMeanwhile;

        // The tag was compared with a view; of two that hold the same tag, the stream's revision lets one through.
        var onlyIfUnchanged = ask.IfMatch is not null && !ask.IfMatch.Contains("*");
        var stream = FilesDecider.StreamOf(ask.File, may.Owner);
        var seen = new Placement(file.Revision, file.Folder, file.Name);
        var changed = await streams.Transact<Placement>(async transaction =>
        {
            if ((await transaction.Load(FilesTrash.StreamOf(ask.File, may.Owner), FilesTrash.Decider)).IsOut)
                return AccessRejection.NotAllowed;
            if (!(await transaction.Load(stream, FilesDecider.Decider)).IsOf(may.Owner))
                return AccessRejection.NoSuchFile;
            if (ask.Folder is { } to
                && await holds.LetGo(transaction, may.Owner, ask.File, to))
                return HoldRejection.Stands;
            if (await transaction.Decide(
                    stream, FilesDecider.Decider,
                    new FilesCommand.Place(ask.File, ask.Folder, ask.Name, seen, onlyIfUnchanged)) is { } no)
                return no;
            var now = (await transaction.Load(stream, FilesDecider.Decider)).Or(seen);
            return await folders.IsThere(transaction, may.Owner, now.Folder) ? now
                : ask.Folder is null ? No.ChangedMeanwhile
                : FolderRejection.NoSuchFolder;
        }, cancellationToken);
        return changed is Answer<Placement>.Yes(_, var position)
            ? changed.Map(now => new TaggedFile(
                file.ToSummary() with { Name = now.Name, FolderId = now.Folder },
                FileView.ETagOf(Math.Max(position, file.Position))))
            : changed.Refusal!;
    }

    private Task<FileView?> Find(FileId file, CancellationToken cancel) => files.Find(file.ToString(), cancel);
}

/// <summary>Files, as other slices look them up.</summary>
internal sealed class FilesRegister(IStreams streams, IReadModel<FileView> files, IPipeline pipeline, IStages stages) : IFiles
{
    public async Task<FileSummary?> Find(FileId file, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found ? found.ToSummary() : null;

    public async Task<(FileSummary File, FileStatusView Status)?> FindWithStatus(FileId file, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found
            ? (found.ToSummary(), await found.ToStatus(stages, isPast: false, cancel))
            : null;

    public async Task<ObjectKey?> StoredAs(FileId file, int version, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found
            ? found.Versions.FirstOrDefault(each => each.Number == version)?.StoredAs
            : null;

    public async Task<IReadOnlyList<KeptVersion>> VersionsOf(FileId file, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found
            ? [.. found.Versions.OrderBy(each => each.Number).Select(each => new KeptVersion(each.Number, each.SizeBytes, each.Sha256, each.CreatedAt))]
            : [];

    public async Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesTrash.StreamOf(file, owner), FilesTrash.Decider)).IsOut || !await IsOf(transaction, owner, file);

    public async Task<bool> IsGone(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesTrash.StreamOf(file, owner), FilesTrash.Decider)).IsGone || !await IsOf(transaction, owner, file);

    public async Task<bool> IsOf(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesDecider.StreamOf(file, owner), FilesDecider.Decider)).IsOf(owner);

    // Where it is stands in several streams, and only the log knows their order. What they hold at the commit is what is
    // read here: they were loaded before, and the commit fails if one has changed since.
    public async Task<FolderId> FolderOf(ITransaction transaction, AccountId owner, FileId file)
    {
        await transaction.Load(FilesDecider.StreamOf(file, owner), FilesDecider.Decider);
        await transaction.Load(FilesTrash.StreamOf(file, owner), FilesTrash.Decider);
        var folder = FolderId.RootOf(owner);
        await foreach (var happened in streams.ReadMerged([$"upload-{file}", $"file-{file}", $"delete-{file}"], transaction.Cancel))
        {
            folder = happened.Fact switch
            {
                UploadEvent.Completed { Version: 1 } first => first.Folder,
                FilesEvent.Renamed renamed => renamed.Folder,
                FilesEvent.Moved moved => moved.Folder,
                FilesEvent.HandedOver handed => handed.Folder,
                DeleteEvent.Restored restored => restored.Folder,
                _ => folder,
            };
        }

        return folder;
    }

    public async Task<FileAge?> AgeOf(ITransaction transaction, AccountId owner, FileId file)
    {
        var made = await transaction.Load(VersionsMade.StreamOf(file, owner), VersionsMade.Decider);
        var state = await transaction.Load(VersionDecider.StreamOf(file, owner), VersionDecider.Decider);
        // When a version was made never changes, so a view may tell it, once it knows of the last one.
        return await files.Find(file.ToString(), transaction.Cancel) is { IsDeleted: false } view
            && view.Current()?.Number == made.Last
            ? new FileAge(view.CreatedAt,
                [.. view.Versions.Where(version => !state.Deleted.Contains(version.Number))
                    .Select(version => new VersionAge(
                        version.Number, version.CreatedAt, state.Labels.ContainsKey(version.Number)))])
            : null;
    }

    public async Task<Rejection?> DeleteVersion(ITransaction transaction, AccountId owner, FileId file, int version) =>
        await transaction.Decide(
            VersionDecider.StreamOf(file, owner), VersionDecider.Decider,
            new VersionCommand.Remove(
                file, version, null, await transaction.Load(VersionsMade.StreamOf(file, owner), VersionsMade.Decider)))
        ?? await pipeline.CancelVersion(transaction, owner, file, version);

    // Who holds the name is asked of the claims, which are exact; a folder may hold it too.
    public async Task<FileSummary?> FindByName(FolderId folder, string name, CancellationToken cancel)
    {
        var key = EntryName.Key(name);
        var holders = await streams.Holders($"folder-{folder}", [key], cancel);
        return holders.TryGetValue(key, out var holder)
               && holder.StartsWith("file-", StringComparison.Ordinal)
               && Guid.TryParse(holder.AsSpan("file-".Length), out var file)
            ? await Find(new FileId(file), cancel)
            : null;
    }
}
