using System.Collections.Immutable;

namespace EventFiles.Features.Folders;

/// <summary>The way from the root to a folder, through whatever tells of folders: today's views, or former ones.</summary>
internal static class FolderPath
{
    /// <summary>The root needs no way.</summary>
    public static FolderWithPath ToRoot(AccountId owner) => new(FolderId.RootOf(owner), "", null, null, []);

    public static async Task<FolderWithPath> To(FolderNode folder, Func<FolderId, Task<FolderNode?>> find)
    {
        var root = FolderId.RootOf(folder.Owner);
        var path = new List<PathStep>();
        var above = folder.Parent;
        while (above != root && path.Count < FoldersDecider.MaxDepth && await find(above) is { } node)
        {
            path.Add(new PathStep(node.Id, node.Name));
            above = node.Parent;
        }

        if (above == root)
            path.Add(new PathStep(root, ""));
        path.Reverse();
        return new FolderWithPath(folder.Id, folder.Name, folder.Parent, folder.CreatedAt, path);
    }

    // The folder and all above it up to the root, or null when one is gone. None of them can be moved or deleted before
    // this transaction is done: so two folders cannot at once be moved into each other.
    public static async Task<ImmutableArray<FolderId>?> Above(ITransaction transaction, AccountId owner, FolderId folder)
    {
        var above = ImmutableArray.CreateBuilder<FolderId>();
        for (var at = folder; above.Count <= FoldersDecider.MaxDepth;)
        {
            above.Add(at);
            if (at == FolderId.RootOf(owner))
                break;
            var state = await transaction.Load(FoldersDecider.StreamOf(at, owner), FoldersDecider.Decider);
            if (!state.Exists || !state.IsOf(owner))
                return null;
            at = state.Parent;
        }

        return above.ToImmutable();
    }
}
