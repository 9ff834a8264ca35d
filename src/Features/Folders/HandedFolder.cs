using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>Passes a folder on, by itself. Where it stays in a folder that was passed on before, it keeps its name there.</summary>
internal sealed class HandedFolder : IHandsOverFolders, IHandedFolders
{
    public async Task<bool> WentTo(ITransaction transaction, AccountId owner, FolderId folder) =>
        (await transaction.Load(FoldersDecider.StreamOf(folder, owner), FoldersDecider.Decider)).Owner == owner;

    public async Task<Rejection?> HandOver(ITransaction transaction, FolderHandover what) =>
        await FolderPath.Above(transaction, what.Owner, what.Parent) is not { } above
            ? No.Missing
            : await transaction.Decide(
                FoldersDecider.StreamOf(what.Folder, what.Owner), FoldersDecider.Decider,
                new FoldersCommand.HandOver(what.Folder, what.Parent, what.Name, what.Former, what.Owner, above));
}
