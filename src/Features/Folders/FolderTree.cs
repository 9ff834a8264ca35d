using System.Runtime.CompilerServices;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>The folder tree, as the slices that put something into it ask for it.</summary>
internal sealed class FolderTree(IStreams streams, IReadModel<FolderNode> nodes, IReadModel<Entry> entries) : IFolders
{
    // How many names are looked at between two known ones: with 64, four questions find the end of 100,000 names.
    private const int Probes = 64;

    public Task<Answer<FolderId>> Find(Caller by, FolderId? folder, CancellationToken cancel) => Find(by.Account, folder, cancel);

    public async Task<Answer<FolderId>> Find(AccountId owner, FolderId? folder, CancellationToken cancel)
    {
        var root = FolderId.RootOf(owner);
        if (folder is not { } wanted || wanted == root)
            return root;
        return await nodes.Find(wanted.ToString(), cancel) is { IsTrashed: false } node && node.Owner == owner
            ? wanted
            : No.Missing;
    }

    public async Task<bool> IsThere(ITransaction transaction, AccountId owner, FolderId folder) =>
        folder == FolderId.RootOf(owner)
        || await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider) is { Exists: true } state && state.IsOf(owner);

    public async Task<IReadOnlyList<FolderId>> Above(ITransaction transaction, AccountId owner, FolderId folder)
    {
        var above = new List<FolderId>();
        for (var at = folder; above.Count <= FoldersDecider.MaxDepth;)
        {
            above.Add(at);
            // What is on its way to another owner may stand in a folder that is theirs already.
            if (at == FolderId.RootOf(owner) || at == default)
                break;
            at = (await transaction.Load(FoldersDecider.StreamOf(at, owner), FoldersDecider.Decider)).Parent;
        }

        return above;
    }

    public async Task<AccountId?> OwnerOf(FolderId folder, CancellationToken cancel) =>
        (await nodes.Find(folder.ToString(), cancel))?.Owner;

    public async IAsyncEnumerable<FolderChild> Below(FolderId folder, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (open, seen) = (new Queue<FolderId>([folder]), new HashSet<FolderId> { folder });
        while (open.TryDequeue(out var at))
        {
            for (string? cursor = null; ;)
            {
                var page = await Children(at, cursor, 1000, cancel);
                foreach (var child in page.Items)
                {
                    // One that is moved meanwhile may show in two places.
                    if (child.IsFolder && !seen.Add(new FolderId(child.Id)))
                        continue;
                    yield return child;
                    if (child.IsFolder)
                        open.Enqueue(new FolderId(child.Id));
                }

                if ((cursor = page.NextCursor) is null)
                    break;
            }
        }
    }

    // The first few numbers are looked at one by one, then the powers of two, then the space between the last one taken
    // and the first one free. Where names were freed in between, the number found is free and not always the smallest.
    public async Task<string> FreeName(FolderId folder, string wanted, CancellationToken cancel)
    {
        var taken = -1;
        IReadOnlyList<int> numbers = [.. Enumerable.Range(0, 10)];
        while (true)
        {
            var keys = numbers.Select(number => EntryName.Key(Name(number))).ToList();
            var holders = await streams.Holders(EntryClaims.ScopeOf(folder), keys, cancel);
            var free = keys.FindIndex(key => !holders.ContainsKey(key));
            if (free != 0)
                taken = numbers[free < 0 ? ^1 : free - 1];
            if (free >= 0 && numbers[free] == taken + 1)
                return Name(numbers[free]);

            numbers = free >= 0 ? [.. Between(taken, numbers[free])]
                : taken < 16 ? [.. Enumerable.Range(4, 26).Select(power => 1 << power)]
                : [.. Enumerable.Range(taken + 1, 1000)];
        }

        string Name(int number) => number == 0 ? wanted : EntryName.Numbered(wanted, number);
    }

    public async Task<Rejection?> Make(
        ITransaction transaction, AccountId owner, FolderId folder, FolderId parent, string name) =>
        await FolderPath.Above(transaction, owner, parent) is not { } above
            ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Create(folder, parent, name, above));

    public async Task<Rejection?> Leave(ITransaction transaction, AccountId owner, FolderId folder, string name) =>
        !(await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).IsOf(owner)
            ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Place(folder, FolderId.RootOf(owner), name, [FolderId.RootOf(owner)]));

    public async Task<bool> IsWithin(ITransaction transaction, AccountId owner, FolderId folder, FolderId above) =>
        await FolderPath.Above(transaction, owner, folder) is { } way && way.Contains(above);

    public async Task<Page<FolderChild>> Children(FolderId folder, string? cursor, int limit, CancellationToken cancel)
    {
        var page = await ChildrenPages.Read(cursor, limit, async (ofFolders, after, atMost) =>
            await entries.List(ChildrenSort.Of(folder, "name", ofFolders).Index, after, atMost, descending: false, cancel));
        return ((Answer<Page<EntryView>>.Yes)page).Value.Map(entry =>
            new FolderChild(entry.Kind == "folder", entry.Id, entry.Name, entry.SizeBytes, entry.Version, entry.ModifiedAt)
            {
                IsInfected = entry.Scan == ScanVerdict.Infected,
            });
    }

    public async Task<FolderId?> ParentOf(AccountId owner, FolderId folder, CancellationToken cancel) =>
        await nodes.Find(folder.ToString(), cancel) is { IsTrashed: false } node && node.Owner == owner && node.Parent != default
            ? node.Parent
            : null;

    public async Task<string?> NameOf(AccountId owner, FolderId folder, CancellationToken cancel) =>
        await nodes.Find(folder.ToString(), cancel) is { IsTrashed: false } node && node.Owner == owner ? node.Name
        : folder == FolderId.RootOf(owner) ? ""
        : null;

    private static IEnumerable<int> Between(int taken, int free)
    {
        for (var number = taken + 1; number < free; number += Math.Max(1, (free - taken) / Probes))
            yield return number;
        yield return free;
    }
}
