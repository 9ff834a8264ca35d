using MediatR;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>
/// Throws folders away and takes them back. Only the folder itself changes here, so it is out of sight at once whatever
/// is in it; its contents follow as work, folder by folder, where the trash is.
/// </summary>
internal sealed class FoldersTrashHandler(IStreams streams, IFolders folders, IFolderTrash bin, IReadModel<FolderNode> nodes, IHolds holds) :
    IRequestHandler<TrashFolder, Answer<Done>>,
    IRequestHandler<RestoreFolder, Answer<FolderView>>,
    IRequestHandler<DoomFolder, Answer<Done>>
{
    // A free name may be taken by the time it is claimed; then another is looked for.
    private const int MaxNames = 10;

    public async Task<Answer<Done>> Handle(TrashFolder ask, CancellationToken cancellationToken)
    {
        if (ask.Folder == FolderId.RootOf(ask.By.Account))
            return No.Root;
        return await Own(ask.By, ask.Folder, cancellationToken) is null ? No.Missing
            : await streams.Transact<Done>(
                async transaction => await bin.Trash(transaction, ask.By.Account, ask.Folder, ask.Folder) is { } no ? no : new Done(),
                cancellationToken);
    }

    public async Task<Answer<FolderView>> Handle(RestoreFolder ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if (await Own(ask.By, ask.Folder, cancellationToken) is not { } folder)
            return No.Missing;
        var parent = await folders.Find(ask.By, folder.Parent, cancellationToken) is Answer<FolderId>.Yes(var still, _)
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

    public async Task<Answer<Done>> Handle(DoomFolder ask, CancellationToken cancellationToken) =>
        ask.Folder == FolderId.RootOf(ask.By.Account) ? No.Root
        : await Own(ask.By, ask.Folder, cancellationToken) is null ? No.Missing
        : await streams.Transact<Done>(
            async transaction => (await holds.OverFolder(transaction, ask.By.Account, ask.Folder)).Count > 0 ? HoldRejection.Stands
                : await bin.Doom(transaction, ask.By.Account, ask.Folder) is { } no ? no
                : new Done(),
            cancellationToken);

    // In the trash or not.
    private async Task<FolderNode?> Own(Caller by, FolderId folder, CancellationToken cancel) =>
        await nodes.Find(folder.ToString(), cancel) is { } node && node.Owner == by.Account ? node : null;
}
