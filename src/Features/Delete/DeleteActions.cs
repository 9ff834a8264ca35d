using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Many files into the trash.</summary>
internal sealed class TrashAction(IRequestHandler<TrashFile, Answer<Done>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Trash;

    public bool OfFolders => false;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new TrashFile(order.By, new(entry)), cancel);
}

/// <summary>Many files out of the trash.</summary>
internal sealed class RestoreAction(IRequestHandler<RestoreFile, Answer<FileSummary>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Restore;

    public bool OfFolders => false;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new RestoreFile(order.By, new(entry)), cancel)).Map(_ => default(Done));
}

/// <summary>Many files for good.</summary>
internal sealed class DeleteAction(IRequestHandler<DeleteFile, Answer<Done>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Delete;

    public bool OfFolders => false;

    public Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        handler.Handle(new DeleteFile(order.By, new(entry)), cancel);
}
