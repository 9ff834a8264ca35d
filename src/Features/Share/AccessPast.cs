using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using SpaceEvent = EventFiles.Features.Groups.SpaceEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Share;

/// <summary>
/// What events said of one file, the folders above it and the groups that they were shared with, as far as they were read:
/// the very views that judge today, kept for a time gone by. Pure but for the reading.
/// </summary>
/// <param name="isVeiled">
/// Whoever was named by an address is that address alone, from when it was offered: whether an account took it is not told.
/// </param>
internal sealed class AccessPast(FileId file, bool isVeiled)
{
    private readonly Dictionary<FolderId, FolderAccessView> folders = [];
    private readonly Dictionary<GroupId, GroupMoment> groups = [];
    private readonly HashSet<AccountId> spaces = [];
    private readonly HashSet<AccountId> known = [];
    private readonly Dictionary<AccountId, (ShareId Share, string Email)> offers = [];
    private readonly Projection<AccessView> ofFiles = AccessProjection.Define();
    private readonly Projection<FolderAccessView> ofFolders = FolderAccessProjection.Define();
    private AccessView view = AccessView.Unheard;

    /// <summary>Everybody who was ever named in what was read.</summary>
    public IReadOnlyCollection<AccountId> Known => known;

    public FileState State => view.State;

    public void Take(RecordedEvent told)
    {
        if (isVeiled && told.Fact is ShareEvent.Offered offered)
            offers[Whoever(offered.Share)] = (offered.Share, offered.Email);
        if ((isVeiled ? Veiled(told.Fact) : told.Fact) is not { } fact)
            return;
        var happened = told with { Fact = fact };
        if (ofFiles.KeyOf(happened) == file.ToString())
            view = (AccessView)ofFiles.Fold(view, happened)!;
        if (ofFolders.KeyOf(happened) is { } key)
        {
            var folder = new FolderId(Guid.Parse(key));
            if (ofFolders.Fold(folders.GetValueOrDefault(folder), happened) is FolderAccessView next)
                folders[folder] = next;
            else
                folders.Remove(folder);
        }

        if (happened.Fact is SpaceEvent.Opened)
            spaces.Add(happened.Stream.Tenant);
        // A space is nobody.
        if (view.Owner is { } owner && !spaces.Contains(owner))
            known.Add(owner);
        if (happened.Fact is ShareEvent.Granted { Grantee.IsGroup: false } granted)
            known.Add(new AccountId(granted.Grantee.Id));
    }

    /// <summary>The address that somebody was named by, and the share that named it; null for who was named otherwise.</summary>
    public (ShareId Share, string Email)? AddressOf(AccountId account) =>
        offers.TryGetValue(account, out var offer) ? offer : null;

    // What was offered counts as granted to an id of its own, and what became of it where an account took it is left out.
    private object? Veiled(object fact) => fact switch
    {
        ShareEvent.Offered offered => new ShareEvent.Granted(
            offered.On, offered.Share, Whoever(offered.Share), offered.Role, offered.Until, offered.MayShare, offered.By),
        ShareEvent.Withdrawn withdrawn => new ShareEvent.Revoked(withdrawn.On, withdrawn.Share, Whoever(withdrawn.Share)),
        ShareEvent.Granted granted when offers.ContainsKey(Whoever(granted.Share)) => null,
        ShareEvent.Changed changed when offers.ContainsKey(Whoever(changed.Share)) => null,
        ShareEvent.Revoked revoked when offers.ContainsKey(Whoever(revoked.Share)) => null,
        ShareEvent.Ended ended when offers.ContainsKey(Whoever(ended.Share)) => null,
        _ => fact,
    };

    // Stands for who is named by an address, and is nobody's.
    private static AccountId Whoever(ShareId share) => new(share.Value);

    public void Take(GroupMoment moment)
    {
        groups[moment.Group] = moment;
        known.UnionWith(moment.Members);
    }

    /// <summary>What an account was to the file then.</summary>
    public Task<Standing> Of(AccountId account, DateTimeOffset at) => new StandingWalk(
        account, at, folder => Task.FromResult(folders.GetValueOrDefault(folder)),
        group => Task.FromResult(groups.TryGetValue(group, out var then) && then.Members.Contains(account)),
        owner => Task.FromResult(
            spaces.Contains(owner) && groups.TryGetValue(new GroupId(owner.Value), out var then) && then.Managers.Contains(account))).To(view);

    /// <summary>The folder that a fact puts the file, or a folder, into; null when it tells of none.</summary>
    public static FolderId? FolderIn(object fact) => fact switch
    {
        UploadEvent.Completed { Version: 1 } completed => completed.Folder,
        FilesEvent.Moved moved => moved.Folder,
        FilesEvent.HandedOver handed => handed.Folder,
        FoldersEvent.HandedOver handed => handed.Parent,
        DeleteEvent.Restored restored => restored.Folder,
        FoldersEvent.Created created => created.Parent,
        FoldersEvent.Moved moved => moved.Parent,
        FoldersEvent.Restored restored => restored.Parent,
        _ => null,
    };

    /// <summary>When a grant of this fact ends by itself, at which nothing need have been written.</summary>
    public static DateTimeOffset? EndIn(object fact) => fact switch
    {
        ShareEvent.Granted granted => granted.Until,
        ShareEvent.Changed changed => changed.Until,
        ShareEvent.Offered offered => offered.Until,
        _ => null,
    };
}
