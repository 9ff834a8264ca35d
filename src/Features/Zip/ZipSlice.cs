using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Zip;

/// <summary>Hands out folders and selections as ZIP archives, which are made while they are read.</summary>
public static class ZipSlice
{
    public static Slice Define() => new Slice("zip")
        .Serves(ZipEndpoint.Map)
        .Answers<OpenFolderArchive, OpenedArchive, ZipHandler>()
        .Answers<OpenArchive, OpenedArchive, ZipHandler>()
        .Answers<SelectArchive, ArchiveReply, ZipHandler, SelectArchiveShape>()
        .Stores<ZipEvent.Selected>("zip.selected.v1")
        .Shows(ZipProjection.Define())
        .Archives<ZipEvent.Selected>((_, happened) => happened.Stream.Name, ZipDecider.Decider.Until(zip => zip.Exists))
        .Offers<IArchives, ZipArchives>()
        .Needs(services => services.AddSingleton<ZipPlanner>().AddSingleton<ZipChecks>());
}
