using MediatR;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>Everything that makes a folder change or tells of it.</summary>
internal sealed class FoldersHandler(
    IStreams streams, IFolders folders, IReadModel<FolderNode> nodes, IReadModel<Entry> entries, IHolds holds,
    IFolderAccess access, TimeProvider clock) :
    IRequestHandler<CreateFolder, Answer<FolderView>>,
    IRequestHandler<ReadFolder, Answer<FolderWithPath>>,
    IRequestHandler<ListChildren, Answer<Page<EntryView>>>,
    IRequestHandler<ChangeFolder, Answer<FolderView>>,
    IRequestHandler<DeleteFolder, Answer<Done>>
{
    public async Task<Answer<FolderView>> Handle(CreateFolder ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.Parent, FolderAction.Edit, cancellationToken);
        if (asked is not Answer<FolderAccess>.Yes(var (parent, owner, _), _))
            return asked.Refusal!;

        var folder = NewId.Of<FolderId>(clock);
        return await streams.Transact<FolderView>(async transaction =>
            await FolderPath.Above(transaction, owner, parent) is not { } above
                ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Create(folder, parent, ask.Name, above)) is { } no
                ? no
            : new FolderView(folder, ask.Name, parent, transaction.Now), cancellationToken);
    }

    public async Task<Answer<FolderWithPath>> Handle(ReadFolder ask, CancellationToken cancellationToken)
    {
        if (ask.Folder == FolderId.RootOf(ask.By.Account))
            return FolderPath.ToRoot(ask.By.Account);
        if ((await access.Ask(ask.By, ask.Folder, FolderAction.Know, cancellationToken)).Refusal is { } no)
            return no;
        return await nodes.Find(ask.Folder.ToString(), cancellationToken) is not { IsTrashed: false } folder ? No.Missing
            : folder.Owner == ask.By.Account
                ? await FolderPath.To(folder, above => nodes.Find(above.ToString(), cancellationToken))
            : await Shared(ask.By, folder, cancellationToken);
    }

    public async Task<Answer<Page<EntryView>>> Handle(ListChildren ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.Folder, FolderAction.Read, cancellationToken)).Refusal is { } no)
            return no;
        return await ChildrenPages.Read(ask.Cursor, ask.Limit, async (ofFolders, cursor, limit) =>
        {
            var (index, descending) = ChildrenSort.Of(ask.Folder, ask.Sort, ofFolders);
            return await entries.List(index, cursor, limit, descending, cancellationToken);
        });
    }

    public async Task<Answer<FolderView>> Handle(ChangeFolder ask, CancellationToken cancellationToken)
    {
        var own = await Own(ask.By, ask.Folder, cancellationToken);
        if (own is not Answer<FolderNode>.Yes(var folder, _))
            return own.Refusal!;
        var owner = folder.Owner;
        if (ask.Parent is { } wanted && (await folders.Find(owner, wanted, cancellationToken)).Refusal is { } missing)
            return missing;

        var stream = FoldersDecider.StreamOf(ask.Folder, owner);
        return await streams.Transact<FolderView>(async transaction =>
        {
            var above = ask.Parent is { } parent ? await FolderPath.Above(transaction, owner, parent) : [];
            if (above is null)
                return No.Missing;
            // A hold on the folder itself goes along; one above it would stay behind.
            var before = await transaction.Load(stream, FoldersDecider.Decider);
            if (!before.IsOf(owner))
                return No.Missing;
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
        var own = await Own(ask.By, ask.Folder, cancellationToken);
        if (own is not Answer<FolderNode>.Yes({ Owner: var owner }, _))
            return own.Refusal!;

        // Else what was thrown away from it would be restored to where no hold covers it.
        return await streams.Transact<Done>(async transaction =>
            !(await transaction.Load(FoldersDecider.StreamOf(ask.Folder, owner), FoldersDecider.Decider)).IsOf(owner) ? No.Missing
            : (await holds.OverFolder(transaction, owner, ask.Folder)).Count > 0 ? HoldRejection.Stands
            : await transaction.Decide(
                FoldersDecider.StreamOf(ask.Folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Remove(ask.Folder)) is { } no
                ? no
                : new Done(), cancellationToken);
    }

    private async Task<Answer<FolderNode>> Own(Caller by, FolderId folder, CancellationToken cancel) =>
        folder == FolderId.RootOf(by.Account) ? No.Root
        : (await access.Ask(by, folder, FolderAction.Own, cancel)).Refusal is { } no ? no
        : await nodes.Find(folder.ToString(), cancel) is { } root && folder == FolderId.RootOf(root.Owner) ? No.Root
        : await nodes.Find(folder.ToString(), cancel) is { IsTrashed: false } node ? node
        : No.Missing;

    // A person's root is no other's affair; that of a group's space has a name.
    private async Task<FolderWithPath> Shared(Caller by, FolderNode folder, CancellationToken cancel)
    {
        var found = await FolderPath.To(folder, above => Visible(by, above, cancel));
        var isRoot = found.Path is [{ } first, ..] && first.Id == FolderId.RootOf(folder.Owner);
        var root = isRoot ? await Visible(by, found.Path[0].Id, cancel) : null;
        IReadOnlyList<PathStep> path = !isRoot ? found.Path
            : root is null ? [.. found.Path.Skip(1)]
            : [new PathStep(root.Id, root.Name), .. found.Path.Skip(1)];
        return found with { Path = path, ParentId = path.Count == 0 ? null : found.ParentId };
    }

    // Of what is above a shared folder, others see what is shared with them as well, and no name of anything else.
    private async Task<FolderNode?> Visible(Caller by, FolderId folder, CancellationToken cancel) =>
        (await access.Ask(by, folder, FolderAction.Read, cancel)).Refusal is null ? await nodes.Find(folder.ToString(), cancel) : null;
}
