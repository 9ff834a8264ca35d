using Microsoft.Extensions.DependencyInjection;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Files;

/// <summary>Shows files and hands out their bytes; keeps their names and places after the upload.</summary>
public static class FilesSlice
{
    public static Slice Define() => new Slice("files")
        .Serves(FilesEndpoint.Map)
        .Serves(VersionEndpoint.Map)
        .Answers<ReadFile, TaggedFile, FilesHandler>()
        .Answers<ReadFileStatus, FileStatusView, FilesHandler>()
        .Answers<ChangeFile, TaggedFile, FilesHandler, ChangeFileShape>()
        .Answers<OpenContent, OpenedContent, ContentHandler>()
        .Answers<OpenVariant, OpenedContent, ContentHandler>()
        .Answers<ListVersions, Page<FileVersion>, VersionHandler, ListVersionsShape>()
        .Answers<RestoreVersion, FileSummary, VersionHandler>()
        .Answers<LabelVersion, Done, VersionHandler, LabelVersionShape>()
        .Answers<DeleteVersion, Done, VersionHandler>()
        .Stores<FilesEvent.Renamed>("files.renamed.v1")
        .Stores<FilesEvent.Moved>("files.moved.v1")
        .Stores<FilesEvent.HandedOver>("files.handed-over.v1")
        .Stores<VersionEvent.Labelled>("files.version-labelled.v1")
        .Stores<VersionEvent.Unlabelled>("files.version-unlabelled.v1")
        .Stores<VersionEvent.Deleted>("files.version-deleted.v1")
        .Stores<VersionEvent.Purged>("files.version-purged.v1")
        .Shows(FilesProjection.Define())
        .Hears<VersionEvent.Deleted>((deleted, happened) => new PurgeVersion(deleted.File, happened.Stream.Tenant, deleted.Version))
        .Does<PurgeVersion, VersionPurgeHandler>("delete")
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => FilesDecider.StreamOf(purged.File, happened.Stream.Tenant).Name,
            FilesDecider.Decider.Until(_ => true))
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => VersionDecider.StreamOf(purged.File, happened.Stream.Tenant).Name,
            VersionDecider.Decider.Until(file => file.HasEnded))
        .Offers<IFiles, FilesRegister>()
        .Offers<IHandedFiles, HandedFiles>()
        .Offers<IHandsOverFiles, HandedFiles>()
        .Offers<IBulkAction, MoveFileAction>()
        .Needs(services => services.AddSingleton<FileLook>())
        .TellsOf(file => $"file-{file}")
        .TellsOf(file => $"version-{file}");
}
