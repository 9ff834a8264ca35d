using MediatR;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>
/// Throws folders away and takes them back. Only the folder itself changes here, so it is out of sight at once whatever
/// is in it; its contents follow as work, folder by folder, where the trash is.
/// </summary>
internal sealed class FoldersTrashHandler(
    IStreams streams, IFolders folders, IFolderTrash bin, IReadModel<FolderNode> nodes, IHolds holds, IAccess access) :
    IRequestHandler<TrashFolder, Answer<Done>>,
    IRequestHandler<RestoreFolder, Answer<FolderView>>,
    IRequestHandler<DoomFolder, Answer<Done>>
{
    // A free name may be taken by the time it is claimed; then another is looked for.
    private const int MaxNames = 10;

    public async Task<Answer<Done>> Handle(TrashFolder ask, CancellationToken cancellationToken)
    {
        var own = await Own(ask.By, ask.Folder, cancellationToken);
        return own is not Answer<FolderNode>.Yes({ Owner: var owner }, _) ? own.Refusal!
            : await streams.Transact<Done>(
                async transaction => await bin.Trash(transaction, owner, ask.Folder, ask.Folder) is { } no ? no : new Done(),
                cancellationToken);
    }

    public async Task<Answer<FolderView>> Handle(RestoreFolder ask, CancellationToken cancellationToken)
    {
        var own = await Own(ask.By, ask.Folder, cancellationToken);
        if (own is not Answer<FolderNode>.Yes(var folder, _))
            return own.Refusal!;
        var owner = folder.Owner;
        var parent = await folders.Find(owner, folder.Parent, cancellationToken) is Answer<FolderId>.Yes(var still, _)
            ? still
            : FolderId.RootOf(owner);
        for (var names = 1; ; names++)
        {
            var (into, name) = (parent, await folders.FreeName(parent, folder.Name, cancellationToken));
            var restored = await streams.Transact<FolderView>(
                async transaction =>
                    !await folders.IsThere(transaction, owner, into) ? FolderRejection.NoSuchFolder
                    : await holds.LetGo(transaction, owner, folder.Parent, into) ? HoldRejection.Stands
                    : await bin.Restore(transaction, owner, ask.Folder, into, name) is { } no ? no
                    : new FolderView(ask.Folder, name, into, folder.CreatedAt),
                cancellationToken);
            if (restored.Refusal == FolderRejection.NoSuchFolder && parent != FolderId.RootOf(owner))
                parent = FolderId.RootOf(owner); // it was thrown away just now
            else if (restored.Refusal != EntryName.Taken || names == MaxNames)
                return restored;
        }
    }

    public async Task<Answer<Done>> Handle(DoomFolder ask, CancellationToken cancellationToken)
    {
        var own = await Own(ask.By, ask.Folder, cancellationToken);
        return own is not Answer<FolderNode>.Yes({ Owner: var owner }, _) ? own.Refusal!
            : await streams.Transact<Done>(
                async transaction => (await holds.OverFolder(transaction, owner, ask.Folder)).Count > 0 ? HoldRejection.Stands
                    : await bin.Doom(transaction, owner, ask.Folder) is { } no ? no
                    : new Done(),
                cancellationToken);
    }

    // In the trash or not.
    private async Task<Answer<FolderNode>> Own(Caller by, FolderId folder, CancellationToken cancel) =>
        folder == FolderId.RootOf(by.Account) ? No.Root
        : await nodes.Find(folder.ToString(), cancel) is not { } node || !await access.Owns(by, node.Owner, cancel) ? No.Missing
        : folder == FolderId.RootOf(node.Owner) ? No.Root
        : node;
}
