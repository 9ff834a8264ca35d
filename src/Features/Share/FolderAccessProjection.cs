using System.Collections.Immutable;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using SpaceEvent = EventFiles.Features.Groups.SpaceEvent;

namespace EventFiles.Features.Share;

/// <summary>All that decides who may use a folder, but for the folders it is in. Persons' roots are in no view: they are their owner's alone. Above the root of a group's space there is nothing.</summary>
public sealed record FolderAccessView(AccountId Owner, FolderId Parent, bool IsTrashed, ImmutableArray<AccessGrant> Grants)
{
    public FolderAccessView With(AccessGrant grant) => this with { Grants = [.. Without(grant.Grantee).Grants, grant] };

    public FolderAccessView Without(ShareGrantee grantee) =>
        this with { Grants = Grants.RemoveAll(grant => grant.Grantee == grantee) };
}

internal static class FolderAccessProjection
{
    /// <summary>By folder id. Whoever grants has seen the folder in the same transaction, so it is heard of before.</summary>
    public static Projection<FolderAccessView> Define() => new Projection<FolderAccessView>("folder-access", version: 2)
        .On<FoldersEvent.Created>(created => created.Folder.ToString(), (_, created, happened) =>
            new FolderAccessView(happened.Stream.Tenant, created.Parent, false, []))
        .On<SpaceEvent.Opened>((_, happened) => happened.Stream.Tenant.ToString(), (_, _, happened) =>
            new FolderAccessView(happened.Stream.Tenant, default, false, []))
        .On<SpaceEvent.Closed>((_, happened) => happened.Stream.Tenant.ToString(), (_, _, _) => null)
        .On<FoldersEvent.Moved>(moved => moved.Folder.ToString(), (view, moved, _) =>
            view is null ? null : view with { Parent = moved.Parent })
        .On<FoldersEvent.HandedOver>(handed => handed.Folder.ToString(), (view, handed, _) =>
            view is null ? null : view with { Owner = handed.To, Parent = handed.Parent })
        .On<FoldersEvent.Trashed>(trashed => trashed.Folder.ToString(), (view, _, _) =>
            view is null ? null : view with { IsTrashed = true })
        .On<FoldersEvent.Restored>(restored => restored.Folder.ToString(), (view, restored, _) =>
            view is null ? null : view with { IsTrashed = false, Parent = restored.Parent })
        .On<FoldersEvent.Deleted>(deleted => deleted.Folder.ToString(), (_, _, _) => null)
        .On<ShareEvent.Granted>(granted => granted.On.AsFolder()?.ToString(), (view, granted, _) =>
            view?.With(new(granted.Grantee, granted.Role, granted.Until, granted.MayShare)))
        .On<ShareEvent.Changed>(changed => changed.On.AsFolder()?.ToString(), (view, changed, _) =>
            view?.With(new(changed.Grantee, changed.Role, changed.Until, changed.MayShare)))
        .On<ShareEvent.Revoked>(revoked => revoked.On.AsFolder()?.ToString(), (view, revoked, _) => view?.Without(revoked.Grantee))
        .On<ShareEvent.Ended>(ended => ended.On.AsFolder()?.ToString(), (view, ended, _) => view?.Without(ended.Grantee))
        .Recalled("folder", "space", "share");
}
