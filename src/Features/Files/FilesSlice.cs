using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Files;

/// <summary>Shows files and hands out their bytes; keeps their names and places after the upload.</summary>
public static class FilesSlice
{
    public static Slice Define() => new Slice("files")
        .Serves(FilesEndpoint.Map)
        .Answers<ReadFile, TaggedFile, FilesHandler>()
        .Answers<ReadFileStatus, FileStatusView, FilesHandler>()
        .Answers<ChangeFile, TaggedFile, FilesHandler, ChangeFileShape>()
        .Answers<ListVersions, Page<FileVersion>, FilesHandler, ListVersionsShape>()
        .Answers<OpenContent, OpenedContent, ContentHandler>()
        .Answers<OpenVariant, OpenedContent, ContentHandler>()
        .Stores<FilesEvent.Renamed>("files.renamed.v1")
        .Stores<FilesEvent.Moved>("files.moved.v1")
        .Shows(FilesProjection.Define())
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => FilesDecider.StreamOf(purged.File, happened.Stream.Tenant).Name,
            FilesDecider.Decider.Until(_ => true))
        .Offers<IFiles, FilesRegister>()
        .Offers<IBulkAction, MoveFileAction>()
        .TellsOf(file => $"file-{file}");
}
