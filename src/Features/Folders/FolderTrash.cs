using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>Folders in the trash, as who brings them there and back asks for them.</summary>
internal sealed class FolderTrash(IReadModel<FolderNode> nodes) : IFolderTrash
{
    public async Task<bool> IsTrashedWith(ITransaction transaction, AccountId owner, FolderId folder, FolderId with) =>
        (await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).TrashedWith == with;

    public async Task<Rejection?> Trash(ITransaction transaction, AccountId owner, FolderId folder, FolderId with) =>
        !(await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).IsOf(owner)
            ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider, new FoldersCommand.Trash(folder, with));

    public async Task<Rejection?> Restore(
        ITransaction transaction, AccountId owner, FolderId folder, FolderId parent, string? name) =>
        await FolderPath.Above(transaction, owner, parent) is not { } above
            ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider,
                new FoldersCommand.Restore(folder, parent, name, above));

    public Task<Rejection?> Doom(ITransaction transaction, AccountId owner, FolderId folder) =>
        transaction.Decide(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider, new FoldersCommand.Doom(folder));

    public async Task<bool> IsDoomed(ITransaction transaction, AccountId owner, FolderId folder) =>
        (await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).IsDoomed;

    public Task<Rejection?> Spare(ITransaction transaction, AccountId owner, FolderId folder) =>
        transaction.Decide(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider, new FoldersCommand.Spare(folder));

    public Task<Rejection?> Remove(ITransaction transaction, AccountId owner, FolderId folder) =>
        transaction.Decide(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider, new FoldersCommand.Remove(folder));

    public async Task<TrashedFolder?> FindTrashed(AccountId owner, FolderId folder, CancellationToken cancel) =>
        await nodes.Find(folder.ToString(), cancel) is { IsTrashed: true } node && node.Owner == owner
            ? new TrashedFolder(node.Name, node.Parent)
            : null;
}
