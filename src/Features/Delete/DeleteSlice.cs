using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Delete;

/// <summary>
/// Lets an owner throw a file away, have it back, and delete it for good; and removes the bytes that are nobody's.
/// </summary>
public static class DeleteSlice
{
    /// <summary>The queue on which the slice's work travels.</summary>
    public const string Queue = "delete";

    public static Slice Define() => new Slice("delete")
        .Serves(DeleteEndpoint.Map)
        .Answers<TrashFile, Done, DeleteHandler>()
        .Answers<DeleteFile, Done, DeleteHandler>()
        .Answers<RestoreFile, FileSummary, DeleteHandler>()
        .Answers<ListTrash, Page<TrashedFile>, TrashHandler, ListTrashShape>()
        .Answers<EmptyTrash, EmptiedTrash, TrashHandler>()
        .Answers<ReconcileStorage, Done, StorageHandler>()
        .Answers<CheckStorage, StorageReport, StorageReportHandler, CheckStorageShape>()
        .Stores<DeleteEvent.Trashed>("delete.trashed.v1")
        .Stores<DeleteEvent.TrashedWith>("delete.trashed-with.v1")
        .Stores<DeleteEvent.Restored>("delete.restored.v1")
        .Stores<DeleteEvent.Requested>("delete.requested.v1")
        .Stores<DeleteEvent.Verified>("delete.verified.v1")
        .Stores<DeleteEvent.Purged>("delete.purged.v1")
        .Stores<StorageEvent.OrphanRemoved>("delete.orphan-removed.v1")
        .Shows(DeleteProjection.Define())
        .Hears<DeleteEvent.Requested>((requested, happened) => new PurgeFile(requested.File, happened.Stream.Tenant))
        // A further version can be complete just after the file was deleted: its bytes go too.
        .Hears<UploadEvent.Completed>((completed, happened) =>
            completed.Version > 1 ? new PurgeFile(completed.File, happened.Stream.Tenant) : null)
        .Hears<FoldersEvent.Trashed>((trashed, happened) => new TrashContents(trashed.Folder, trashed.With, happened.Stream.Tenant))
        .Hears<FoldersEvent.Restored>((restored, happened) => new RestoreContents(restored.Folder, restored.With, happened.Stream.Tenant))
        .Hears<FoldersEvent.Doomed>((doomed, happened) => new PurgeFolder(doomed.Folder, happened.Stream.Tenant))
        .Does<PurgeFile, PurgeHandler>(Queue)
        .Does<TrashContents, FolderTrashHandler>(Queue)
        .Does<RestoreContents, FolderTrashHandler>(Queue)
        .Does<PurgeFolder, FolderTrashHandler>(Queue)
        .Does<EmptyTrashOf, TrashHandler>(Queue)
        .Offers<IBulkAction, TrashAction>()
        .Offers<IBulkAction, RestoreAction>()
        .Offers<IBulkAction, DeleteAction>()
        .Archives<DeleteEvent.Purged>(
            (_, happened) => happened.Stream.Name, DeleteDecider.Decider.Until(file => file.Stage == DeleteStage.Purged))
        .Repeats(services => services.GetRequiredService<StorageOptions>().Every, startedAt => new ReconcileStorage(startedAt))
        .Offers<IDeletion, DeletionByRule>()
        .Needs(services => services
            .AddSingleton(all => StorageOptions.From(all.GetRequiredService<IConfiguration>()))
            .AddSingleton<StorageCheck>()
            .AddSingleton<ILoggedObjects, LoggedObjects>()
            .AddSingleton<StorageScrub>())
        .TellsOf(file => $"delete-{file}");
}
