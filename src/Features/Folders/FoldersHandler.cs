using System.Collections.Immutable;
using MediatR;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>Everything that makes a folder change or tells of it.</summary>
internal sealed class FoldersHandler(
    IStreams streams, IFolders folders, IReadModel<FolderNode> nodes, IReadModel<Entry> entries, IHolds holds,
    TimeProvider clock) :
    IRequestHandler<CreateFolder, Answer<FolderView>>,
    IRequestHandler<ReadFolder, Answer<FolderWithPath>>,
    IRequestHandler<ListChildren, Answer<Page<EntryView>>>,
    IRequestHandler<ChangeFolder, Answer<FolderView>>,
    IRequestHandler<DeleteFolder, Answer<Done>>
{
    public async Task<Answer<FolderView>> Handle(CreateFolder ask, CancellationToken cancellationToken)
    {
        if (await folders.Find(ask.By, ask.Parent, cancellationToken) is not Answer<FolderId>.Yes(var parent, _))
            return No.Missing;

        var (folder, owner) = (NewId.Of<FolderId>(clock), ask.By.Account);
        return await streams.Transact<FolderView>(async transaction =>
            await Above(transaction, owner, parent) is not { } above
                ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Create(folder, parent, ask.Name, above)) is { } no
                ? no
            : new FolderView(folder, ask.Name, parent, transaction.Now), cancellationToken);
    }

    public async Task<Answer<FolderWithPath>> Handle(ReadFolder ask, CancellationToken cancellationToken) =>
        ask.Folder == FolderId.RootOf(ask.By.Account) ? FolderPath.ToRoot(ask.By.Account)
        : await Own(ask.By, ask.Folder, cancellationToken) is { } folder
            ? await FolderPath.To(folder, above => nodes.Find(above.ToString(), cancellationToken))
        : No.Missing;

    public async Task<Answer<Page<EntryView>>> Handle(ListChildren ask, CancellationToken cancellationToken)
    {
        if ((await folders.Find(ask.By, ask.Folder, cancellationToken)).Refusal is { } no)
            return no;
        var (index, descending) = ChildrenSort.Of(ask.Folder, ask.Sort);
        var page = await entries.List(index, ask.Cursor, ask.Limit, descending, cancellationToken);
        return page.Map(entry => entry.ToView());
    }

    public async Task<Answer<FolderView>> Handle(ChangeFolder ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if (ask.Folder == FolderId.RootOf(owner))
            return No.Root;
        if (await Own(ask.By, ask.Folder, cancellationToken) is not { } folder)
            return No.Missing;
        if (ask.Parent is { } wanted && (await folders.Find(ask.By, wanted, cancellationToken)).Refusal is { } missing)
            return missing;

        var stream = FoldersDecider.StreamOf(ask.Folder, owner);
        return await streams.Transact<FolderView>(async transaction =>
        {
            var above = ask.Parent is { } parent ? await Above(transaction, owner, parent) : [];
            if (above is null)
                return No.Missing;
            // A hold on the folder itself goes along; one above it would stay behind.
            var before = await transaction.Load(stream, FoldersDecider.Decider);
            if (ask.Parent is { } to && before.Exists && await holds.LetGo(transaction, owner, before.Parent, to))
                return HoldRejection.Stands;
            if (await transaction.Decide(
                    stream, FoldersDecider.Decider,
                    new FoldersCommand.Place(ask.Folder, ask.Parent, ask.Name, above.Value)) is { } no)
                return no;
            var now = await transaction.Load(stream, FoldersDecider.Decider);
            return new FolderView(ask.Folder, now.Name, now.Parent, folder.CreatedAt);
        }, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(DeleteFolder ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if (ask.Folder == FolderId.RootOf(owner))
            return No.Root;
        if (await Own(ask.By, ask.Folder, cancellationToken) is null)
            return No.Missing;

        // Else what was thrown away from it would be restored to where no hold covers it.
        return await streams.Transact<Done>(async transaction =>
            (await holds.OverFolder(transaction, owner, ask.Folder)).Count > 0 ? HoldRejection.Stands
            : await transaction.Decide(
                FoldersDecider.StreamOf(ask.Folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Remove(ask.Folder)) is { } no
                ? no
                : new Done(), cancellationToken);
    }

    private async Task<FolderNode?> Own(Caller by, FolderId folder, CancellationToken cancel) =>
        await nodes.Find(folder.ToString(), cancel) is { } node && node.Owner == by.Account ? node : null;

    // The folder and all above it up to the root, or null when one is gone. None of them can be moved or deleted before
    // this transaction is done: so two folders cannot at once be moved into each other.
    private static async Task<ImmutableArray<FolderId>?> Above(ITransaction transaction, AccountId owner, FolderId folder)
    {
        var above = ImmutableArray.CreateBuilder<FolderId>();
        for (var at = folder; above.Count <= FoldersDecider.MaxDepth;)
        {
            above.Add(at);
            if (at == FolderId.RootOf(owner))
                break;
            var state = await transaction.Load(FoldersDecider.StreamOf(at, owner), FoldersDecider.Decider);
            if (!state.Exists)
                return null;
            at = state.Parent;
        }

        return above.ToImmutable();
    }
}

/// <summary>The folder tree, as the slices that put something into it ask for it.</summary>
internal sealed class FolderTree(IStreams streams, IReadModel<FolderNode> nodes, IReadModel<Entry> entries) : IFolders
{
    // How many names are looked at between two known ones: with 64, four questions find the end of 100,000 names.
    private const int Probes = 64;

    public async Task<Answer<FolderId>> Find(Caller by, FolderId? folder, CancellationToken cancel)
    {
        var root = FolderId.RootOf(by.Account);
        if (folder is not { } wanted || wanted == root)
            return root;
        return await nodes.Find(wanted.ToString(), cancel) is { } node && node.Owner == by.Account
            ? wanted
            : No.Missing;
    }

    public async Task<bool> IsThere(ITransaction transaction, AccountId owner, FolderId folder) =>
        folder == FolderId.RootOf(owner)
        || (await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).Exists;

    public async Task<IReadOnlyList<FolderId>> Above(ITransaction transaction, AccountId owner, FolderId folder)
    {
        var above = new List<FolderId>();
        for (var at = folder; above.Count <= FoldersDecider.MaxDepth;)
        {
            above.Add(at);
            if (at == FolderId.RootOf(owner))
                break;
            at = (await transaction.Load(FoldersDecider.StreamOf(at, owner), FoldersDecider.Decider)).Parent;
        }

        return above;
    }

    public async Task<AccountId?> OwnerOf(FolderId folder, CancellationToken cancel) =>
        (await nodes.Find(folder.ToString(), cancel))?.Owner;

    public async IAsyncEnumerable<FileId> FilesBelow(
        FolderId folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (open, seen) = (new Queue<FolderId>([folder]), new HashSet<FolderId> { folder });
        while (open.TryDequeue(out var at))
        {
            var (index, descending) = ChildrenSort.Of(at, "name");
            for (string? cursor = null; ;)
            {
                var page = await entries.List(index, cursor, 1000, descending, cancel);
                foreach (var entry in page.Items)
                {
                    if (!entry.IsFolder)
                        yield return new FileId(entry.Id);
                    else if (seen.Add(new FolderId(entry.Id)))
                        open.Enqueue(new FolderId(entry.Id));
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

    private static IEnumerable<int> Between(int taken, int free)
    {
        for (var number = taken + 1; number < free; number += Math.Max(1, (free - taken) / Probes))
            yield return number;
        yield return free;
    }
}
