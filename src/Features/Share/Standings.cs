using System.Collections.Concurrent;

namespace EventFiles.Features.Share;

/// <summary>Finds what an account is to files and folders, through groups and folders.</summary>
internal sealed class Standings(IReadModel<FolderAccessView> folders, IGroups groups, TimeProvider clock)
{
    /// <summary>For one request: each folder and each group is looked up once, whatever is asked about.</summary>
    public StandingWalk Of(AccountId account, CancellationToken cancel) => new(
        account, clock.GetUtcNow(), folder => folders.Find(folder.ToString(), cancel),
        group => groups.Has(group, account, cancel), owner => groups.Manages(account, owner, cancel));

    /// <summary>Whether an account counts as that owner.</summary>
    public async Task<bool> Owns(AccountId account, AccountId owner, CancellationToken cancel) =>
        account == owner || await groups.Manages(account, owner, cancel);
}

/// <summary>One account, at one moment.</summary>
internal sealed class StandingWalk(
    AccountId account, DateTimeOffset now, Func<FolderId, Task<FolderAccessView?>> find, Func<GroupId, Task<bool>> isIn,
    Func<AccountId, Task<bool>> manages)
{
    // Deeper no folder can be put. Views of several folders are not read at one moment: a walk must end in any case.
    internal const int MaxSteps = 101;

    private readonly ConcurrentDictionary<FolderId, Task<FolderAccessView?>> folders = new();
    private readonly ConcurrentDictionary<GroupId, Task<bool>> groups = new();
    private readonly ConcurrentDictionary<AccountId, Task<bool>> spaces = new();

    /// <summary>The nearest place that says anything decides: the file, its folder, the folder above that, and so on.</summary>
    public async Task<Standing> To(AccessView file) =>
        !file.IsThere ? Standing.None
        : await Owns(file.Owner!.Value) ? Standing.Owner
        : await At(file.Grants) ?? (file.Folder is { } folder ? await To(folder) : Standing.None);

    /// <summary>The same of a folder, and whose it is; null when there is none.</summary>
    public async Task<(Standing Standing, AccountId? Owner)> OwnedBy(FolderId folder) =>
        (await To(folder), (await folders.GetOrAdd(folder, find))?.Owner);

    public async Task<Standing> To(FolderId folder)
    {
        if (folder == FolderId.RootOf(account))
            return Standing.Owner;
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            // A person's root is in no view, and nothing is shared from under the trash.
            if (await folders.GetOrAdd(folder, find) is not { IsTrashed: false } view)
                return Standing.None;
            if (await Owns(view.Owner))
                return Standing.Owner;
            if (await At(view.Grants) is { } standing)
                return standing;
            folder = view.Parent;
        }

        return Standing.None;
    }

    // Whoever manages a group counts as the owner of what is in its space.
    private async Task<bool> Owns(AccountId owner) => owner == account || await spaces.GetOrAdd(owner, manages);

    private async Task<Standing?> At(IReadOnlyCollection<AccessGrant> grants)
    {
        if (grants.Count == 0)
            return null;
        var theirs = new HashSet<ShareGrantee>();
        if (!grants.Any(grant => grant.Grantee == account && grant.Counts(now)))
        {
            var asked = grants.Where(grant => grant.Grantee.IsGroup && grant.Counts(now)).Select(grant => grant.Grantee).ToList();
            var found = await Task.WhenAll(asked.Select(grantee => groups.GetOrAdd(new GroupId(grantee.Id), isIn)));
            theirs.UnionWith(asked.Where((_, at) => found[at]));
        }

        return AccessRules.At(grants, account, theirs, now);
    }
}
