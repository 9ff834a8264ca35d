using static EventFiles.Features.Folders.FoldersEvent;
using SpaceEvent = EventFiles.Features.Groups.SpaceEvent;

namespace EventFiles.Features.Folders;

/// <summary>A folder, as it is kept for readers.</summary>
/// <param name="IsTrashed">It lies in the trash: only there it is shown.</param>
public sealed record FolderNode(
    FolderId Id, AccountId Owner, FolderId Parent, string Name, DateTimeOffset CreatedAt, bool IsTrashed = false);

internal static class FoldersProjection
{
    /// <summary>By folder id. Persons' roots are not in it: they need no event to exist. The root of a group's space is below nothing.</summary>
    public static Projection<FolderNode> Define() => new Projection<FolderNode>("folders", version: 3)
        .On<Created>(created => created.Folder.ToString(), (_, created, happened) =>
            new FolderNode(created.Folder, happened.Stream.Tenant, created.Parent, created.Name, happened.At))
        .On<SpaceEvent.Opened>((_, happened) => happened.Stream.Tenant.ToString(), (_, opened, happened) =>
            new FolderNode(FolderId.RootOf(happened.Stream.Tenant), happened.Stream.Tenant, default, opened.Name, happened.At))
        .On<SpaceEvent.Renamed>((_, happened) => happened.Stream.Tenant.ToString(), (node, renamed, _) => Placed(node, default, renamed.Name))
        .On<SpaceEvent.Closed>((_, happened) => happened.Stream.Tenant.ToString(), (_, _, _) => null)
        .On<Renamed>(renamed => renamed.Folder.ToString(), (node, renamed, _) => Placed(node, renamed.Parent, renamed.Name))
        .On<Moved>(moved => moved.Folder.ToString(), (node, moved, _) => Placed(node, moved.Parent, moved.Name))
        .On<HandedOver>(handed => handed.Folder.ToString(), (node, handed, _) =>
            Placed(node, handed.Parent, handed.Name) is { } placed ? placed with { Owner = handed.To } : null)
        .On<Trashed>(trashed => trashed.Folder.ToString(), (node, _, _) =>
            node is null ? null : node with { IsTrashed = true })
        .On<Restored>(restored => restored.Folder.ToString(), (node, restored, _) =>
            Placed(node, restored.Parent, restored.Name) is { } placed ? placed with { IsTrashed = false } : null)
        .On<Deleted>(deleted => deleted.Folder.ToString(), (_, _, _) => null)
        .Recalled("folder", "space");

    private static FolderNode? Placed(FolderNode? node, FolderId parent, string name) =>
        node is null ? null : node with { Parent = parent, Name = name };
}
