using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Folders;

/// <summary>Keeps every account's tree of folders, and each name once in its folder.</summary>
public static class FoldersSlice
{
    public static Slice Define() => new Slice("folders")
        .Serves(FoldersEndpoint.Map)
        .Answers<CreateFolder, FolderView, FoldersHandler, CreateFolderShape>()
        .Answers<ReadFolder, FolderWithPath, FoldersHandler>()
        .Answers<ListChildren, Page<EntryView>, FoldersHandler, ListChildrenShape>()
        .Answers<ReadFormerFolder, FolderWithPath, FoldersPastHandler>()
        .Answers<ListFormerChildren, Page<EntryView>, FoldersPastHandler, ListFormerChildrenShape>()
        .Answers<ChangeFolder, FolderView, FoldersHandler, ChangeFolderShape>()
        .Answers<DeleteFolder, Done, FoldersHandler>()
        .Answers<TrashFolder, Done, FoldersTrashHandler>()
        .Answers<RestoreFolder, FolderView, FoldersTrashHandler>()
        .Answers<DoomFolder, Done, FoldersTrashHandler>()
        .Stores<FoldersEvent.Created>("folders.created.v1")
        .Stores<FoldersEvent.Renamed>("folders.renamed.v1")
        .Stores<FoldersEvent.Moved>("folders.moved.v1")
        .Stores<FoldersEvent.HandedOver>("folders.handed-over.v1")
        .Stores<FoldersEvent.Trashed>("folders.trashed.v1")
        .Stores<FoldersEvent.Restored>("folders.restored.v1")
        .Stores<FoldersEvent.Doomed>("folders.doomed.v1")
        .Stores<FoldersEvent.Spared>("folders.spared.v1")
        .Stores<FoldersEvent.Deleted>("folders.deleted.v1")
        .Shows(FoldersProjection.Define())
        .Shows(EntryProjection.Define())
        .Claiming<FoldersEvent.Created>(created => EntryClaims.Of(created.Folder, created.Parent, created.Name))
        .Claiming<FoldersEvent.Renamed>(renamed => EntryClaims.Of(renamed.Folder, renamed.Parent, renamed.Name))
        .Claiming<FoldersEvent.Moved>(moved => EntryClaims.Of(moved.Folder, moved.Parent, moved.Name))
        .Claiming<FoldersEvent.HandedOver>(handed => EntryClaims.Of(handed.Folder, handed.Parent, handed.Name))
        // What is in a trashed folder keeps its names there: nobody else can want them, and they are right when it comes back.
        .Claiming<FoldersEvent.Trashed>(trashed => trashed.With == trashed.Folder ? EntryClaims.None(trashed.Folder) : null)
        .Claiming<FoldersEvent.Restored>(restored => EntryClaims.Of(restored.Folder, restored.Parent, restored.Name))
        .Claiming<FoldersEvent.Deleted>(deleted => EntryClaims.Close(deleted.Folder))
        .Claiming<UploadEvent.Completed>(completed => completed.Version == 1
            ? EntryClaims.Of(completed.File, completed.Folder, completed.Name)
            : null)
        .Claiming<FilesEvent.Renamed>(renamed => EntryClaims.Of(renamed.File, renamed.Folder, renamed.Name))
        .Claiming<FilesEvent.Moved>(moved => EntryClaims.Of(moved.File, moved.Folder, moved.Name))
        .Claiming<FilesEvent.HandedOver>(handed => EntryClaims.Of(handed.File, handed.Folder, handed.Name))
        .Claiming<DeleteEvent.Trashed>(trashed => EntryClaims.None(trashed.File))
        .Claiming<DeleteEvent.Restored>(restored => EntryClaims.Of(restored.File, restored.Folder, restored.Name))
        .Claiming<DeleteEvent.Requested>(requested => EntryClaims.None(requested.File))
        .Archives<FoldersEvent.Deleted>(
            (_, happened) => happened.Stream.Name, FoldersDecider.Decider.Until(folder => folder.IsOver))
        .TellsOfFolder(folder => FoldersDecider.StreamOf(folder, default).Name)
        .Offers<IFolders, FolderTree>()
        .Offers<IFolderTrash, FolderTrash>()
        .Offers<IHandsOverFolders, HandedFolder>()
        .Offers<IHandedFolders, HandedFolder>()
        .Offers<IBulkAction, MoveFolderAction>()
        .Offers<IBulkAction, TrashFolderAction>()
        .Offers<IBulkAction, RestoreFolderAction>()
        .Offers<IBulkAction, DeleteFolderAction>();
}
