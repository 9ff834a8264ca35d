using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using SpaceEvent = EventFiles.Features.Groups.SpaceEvent;
using ShareEvent = EventFiles.Features.Share.ShareEvent;

namespace EventFiles.Features.Search;

internal static class SearchFolderProjection
{
    /// <summary>By folder id. What is in a folder in the trash is in the trash itself, so the trash makes no difference here.</summary>
    public static Projection<SearchFolderView> Define() => new Projection<SearchFolderView>(SearchFolderView.Projection, version: 2)
        .On<FoldersEvent.Created>(created => created.Folder.ToString(), (_, created, _) => new SearchFolderView(created.Parent, []))
        .On<SpaceEvent.Opened>((_, happened) => happened.Stream.Tenant.ToString(), (_, _, _) => new SearchFolderView(default, []))
        .On<SpaceEvent.Closed>((_, happened) => happened.Stream.Tenant.ToString(), (_, _, _) => null)
        .On<FoldersEvent.Moved>(moved => moved.Folder.ToString(), (view, moved, _) => view is null ? null : view with { Parent = moved.Parent })
        .On<FoldersEvent.HandedOver>(handed => handed.Folder.ToString(), (view, handed, _) => view is null ? null : view with { Parent = handed.Parent })
        .On<FoldersEvent.Restored>(restored => restored.Folder.ToString(), (view, restored, _) =>
            view is null ? null : view with { Parent = restored.Parent })
        .On<FoldersEvent.Deleted>(deleted => deleted.Folder.ToString(), (_, _, _) => null)
        .On<ShareEvent.Granted>(granted => granted.On.AsFolder()?.ToString(), (view, granted, _) => Given(view, granted.Grantee.Id))
        .On<ShareEvent.Revoked>(revoked => revoked.On.AsFolder()?.ToString(), (view, revoked, _) => Taken(view, revoked.Grantee.Id))
        .On<ShareEvent.Ended>(ended => ended.On.AsFolder()?.ToString(), (view, ended, _) => Taken(view, ended.Grantee.Id));

    private static SearchFolderView? Given(SearchFolderView? view, Guid grantee) =>
        view is null || view.Grantees.Contains(grantee) ? view : view with { Grantees = view.Grantees.Add(grantee) };

    private static SearchFolderView? Taken(SearchFolderView? view, Guid grantee) =>
        view is null ? null : view with { Grantees = view.Grantees.Remove(grantee) };
}
