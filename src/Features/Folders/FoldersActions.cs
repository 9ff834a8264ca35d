using MediatR;

namespace EventFiles.Features.Folders;

/// <summary>Many folders into another one.</summary>
internal sealed class MoveFolderAction(IRequestHandler<ChangeFolder, Answer<FolderView>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Move;

    public bool OfFolders => true;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new ChangeFolder(order.By, new(entry), null, order.Folder), cancel)).Map(_ => default(Done));
}

/// <summary>Many folders into the trash.</summary>
internal sealed class TrashFolderAction(IRequestHandler<TrashFolder, Answer<Done>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Trash;

    public bool OfFolders => true;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new TrashFolder(order.By, new(entry)), cancel);
}

/// <summary>Many folders out of the trash.</summary>
internal sealed class RestoreFolderAction(IRequestHandler<RestoreFolder, Answer<FolderView>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Restore;

    public bool OfFolders => true;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new RestoreFolder(order.By, new(entry)), cancel)).Map(_ => default(Done));
}

/// <summary>Many folders in the trash for good.</summary>
internal sealed class DeleteFolderAction(IRequestHandler<DoomFolder, Answer<Done>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Delete;

    public bool OfFolders => true;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new DoomFolder(order.By, new(entry)), cancel);
}
