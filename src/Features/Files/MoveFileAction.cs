using MediatR;

namespace EventFiles.Features.Files;

/// <summary>Many files into another folder.</summary>
internal sealed class MoveFileAction(IRequestHandler<ChangeFile, Answer<TaggedFile>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Move;

    public bool OfFolders => false;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new ChangeFile(order.By, new(entry), null, order.Folder, null), cancel)).Map(_ => default(Done));
}
