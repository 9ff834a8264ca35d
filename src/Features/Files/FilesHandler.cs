using System.Globalization;
using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Files.FilesRejection;

namespace EventFiles.Features.Files;

/// <summary>Everything that changes a file's name and place, or tells how it stands.</summary>
internal sealed class FilesHandler(
    IStreams streams, IReadModel<FileView> files, IAccess access, IFolders folders, IPast past) :
    IRequestHandler<ReadFile, Answer<TaggedFile>>,
    IRequestHandler<ReadFileStatus, Answer<FileStatusView>>,
    IRequestHandler<ChangeFile, Answer<TaggedFile>>,
    IRequestHandler<ListVersions, Answer<Page<FileVersion>>>
{
    public async Task<Answer<TaggedFile>> Handle(ReadFile ask, CancellationToken cancellationToken)
    {
        var seen = await Look(ask.By, ask.File, ask.AsOf, cancellationToken);
        return seen is Answer<FileView>.Yes({ IsDeleted: true }, _)
            ? AccessRejection.NoSuchFile
            : seen.Map(file => new TaggedFile(file.ToSummary(), file.ETag()));
    }

    public async Task<Answer<FileStatusView>> Handle(ReadFileStatus ask, CancellationToken cancellationToken) =>
        (await Look(ask.By, ask.File, ask.AsOf, cancellationToken)).Map(file =>
        {
            var steps = file.CurrentSteps().ToList();
            return new FileStatusView(
                file.Status(),
                [.. steps.Select(step => new FileStepView(
                    step.Job, step.Processor, step.Variant, step.Status, step.Attempts, step.Error))],
                steps.FirstOrDefault(step => step.Status == StepStatus.Failed)?.Error);
        });

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
        if (ask.Folder is { } wanted && (await folders.Find(ask.By, wanted, cancellationToken)).Refusal is { } missing)
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

    public async Task<Answer<Page<FileVersion>>> Handle(ListVersions ask, CancellationToken cancellationToken)
    {
        var seen = await Look(ask.By, ask.File, ask.AsOf, cancellationToken);
        if (seen is not Answer<FileView>.Yes(var file, var position))
            return seen.Refusal!;
        if (file.IsDeleted)
            return AccessRejection.NoSuchFile;

        var before = ask.Cursor is null ? int.MaxValue
            : int.TryParse(ask.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new BadCursorException();
        var rest = file.Versions.Where(version => version.Number < before).Reverse().ToList();
        var page = rest.Take(ask.Limit)
            .Select(version => new FileVersion(
                version.Number, version.SizeBytes, version.ContentType, version.Sha256, version.CreatedAt, version.Upload))
            .ToList();
        return new Answer<Page<FileVersion>>.Yes(
            new(page, rest.Count > page.Count ? page[^1].Version.ToString(CultureInfo.InvariantCulture) : null), position);
    }

    // Whoever may read the file's history may see what it was.
    private async Task<Answer<FileView>> Look(Caller by, FileId file, string? asOf, CancellationToken cancel)
    {
        var action = asOf is null ? FileAction.Read : FileAction.Share;
        if (await access.Ask(by, file, action, cancel) is Answer<FileAccess>.No(var no))
            return no;
        if (asOf is null)
            return await Find(file, cancel) is { } now ? now : AccessRejection.NoSuchFile;
        var located = await past.Locate(asOf, cancel);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        return await past.Find<FileView>(file.ToString(), at, cancel) is { } then
            ? new Answer<FileView>.Yes(then, at.Position)
            : AccessRejection.NoSuchFile;
    }

    private Task<FileView?> Find(FileId file, CancellationToken cancel) => files.Find(file.ToString(), cancel);
}

/// <summary>Files, as other slices look them up.</summary>
internal sealed class FilesRegister(IStreams streams, IReadModel<FileView> files) : IFiles
{
    public async Task<FileSummary?> Find(FileId file, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found ? found.ToSummary() : null;

    public async Task<ObjectKey?> StoredAs(FileId file, int version, CancellationToken cancel) =>
        await files.Find(file.ToString(), cancel) is { IsDeleted: false } found
            ? found.Versions.FirstOrDefault(each => each.Number == version)?.StoredAs
            : null;

    public async Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesTrash.StreamOf(file, owner), FilesTrash.Decider)).IsOut;

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
