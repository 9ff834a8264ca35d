using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Delete.DeleteRejection;

namespace EventFiles.Features.Delete;

/// <summary>Everything that a file's owner does to get rid of it, or to have it back.</summary>
internal sealed class DeleteHandler(
    IStreams streams, IAccess access, IFiles files, IFolders folders, IPipeline pipeline, IHolds holds,
    IRetention retention) :
    IRequestHandler<TrashFile, Answer<Done>>,
    IRequestHandler<DeleteFile, Answer<Done>>,
    IRequestHandler<RestoreFile, Answer<FileSummary>>
{
    // A free name may be taken by the time it is claimed; then another is looked for.
    private const int MaxNames = 10;

    public async Task<Answer<Done>> Handle(TrashFile ask, CancellationToken cancellationToken)
    {
        var leave = await Complete(ask.By, ask.File, cancellationToken);
        return leave is not Answer<FileAccess>.Yes(var may, _)
            ? leave.Refusal!
            : await Decide(may, new DeleteCommand.Trash(ask.File, ask.By.Account), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(DeleteFile ask, CancellationToken cancellationToken)
    {
        var leave = await Complete(ask.By, ask.File, cancellationToken);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        KillPoint.Reach("delete.asked");
        return await streams.Transact<Done>(async transaction =>
        {
            // From the request on there is no way back: so this is where a hold wins, or comes too late.
            if (!await files.IsOf(transaction, may.Owner, ask.File))
                return AccessRejection.NoSuchFile;
            var stream = DeleteDecider.StreamOf(ask.File, may.Owner);
            if ((await transaction.Load(stream, DeleteDecider.Decider)).Stage is DeleteStage.Present or DeleteStage.Trashed
                && await Keeping.Of(holds, retention, transaction, may.Owner, ask.File) is { } keeps)
                return keeps;

            var no = await transaction.Decide(
                         stream, DeleteDecider.Decider,
                         new DeleteCommand.Request(ask.File, ask.By.Account))
                     ?? await pipeline.Cancel(transaction, may.Owner, ask.File);
            return no is null ? new Done() : no;
        }, cancellationToken);
    }

    public async Task<Answer<FileSummary>> Handle(RestoreFile ask, CancellationToken cancellationToken)
    {
        var leave = await Complete(ask.By, ask.File, cancellationToken);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        var file = await files.Find(ask.File, cancellationToken);
        var trail = await FileTrail.Of(ask.File, streams, cancellationToken);
        var folder = await folders.Find(may.Owner, trail.Folder, cancellationToken) is Answer<FolderId>.Yes(var still, _)
            ? still
            : FolderId.RootOf(may.Owner);
        for (var names = 1; ; names++)
        {
            var name = await folders.FreeName(folder, trail.Name, cancellationToken);
            var restore = new DeleteCommand.Restore(ask.File, ask.By.Account, folder, name);
            var restored = await streams.Transact<FileSummary>(async transaction =>
                !await folders.IsThere(transaction, may.Owner, restore.Folder) ? FolderRejection.NoSuchFolder
                : await holds.LetGo(transaction, may.Owner, ask.File, restore.Folder)
                    ? HoldRejection.Stands
                : await Decide(transaction, may, restore) is { } no ? no
                : file is null ? AccessRejection.NoSuchFile
                : file with { Name = name, FolderId = restore.Folder, Status = file.StatusOutsideTrash }, cancellationToken);
            if (restored.Refusal == FolderRejection.NoSuchFolder)
                folder = FolderId.RootOf(may.Owner); // it was deleted just now: a trashed file does not keep its folder
            else if (restored.Refusal != EntryName.Taken || names == MaxNames)
                return restored;
        }
    }

    // Only the owner, and only a file that is there as a whole: an upload in flight is cancelled where it was begun.
    private async Task<Answer<FileAccess>> Complete(Caller by, FileId file, CancellationToken cancel)
    {
        var leave = await access.Ask(by, file, FileAction.Own, cancel);
        if (leave is not Answer<FileAccess>.Yes(var may, _) || may.IsDeleted)
            return leave;
        return await files.Find(file, cancel) switch
        {
            null => AccessRejection.NoSuchFile,
            { Version: 0 } => No.StillUploading,
            _ => leave,
        };
    }

    private Task<Answer<Done>> Decide(FileAccess file, DeleteCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction => await Decide(transaction, file, command) is { } no ? no : new Done(), cancel);

    private async Task<Rejection?> Decide(ITransaction transaction, FileAccess file, DeleteCommand command) =>
        await files.IsOf(transaction, file.Owner, file.File)
            ? await transaction.Decide(DeleteDecider.StreamOf(file.File, file.Owner), DeleteDecider.Decider, command)
            : AccessRejection.NoSuchFile;
}
