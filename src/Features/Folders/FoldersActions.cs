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

/// <summary>Many empty folders away.</summary>
internal sealed class DeleteFolderAction(IRequestHandler<DeleteFolder, Answer<Done>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Delete;

    public bool OfFolders => true;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new DeleteFolder(order.By, new(entry)), cancel);
}
