using MediatR;

namespace EventFiles.Features.Copy;

/// <summary>Copies of many folders into another one; each fills as it does when it is asked for alone.</summary>
internal sealed class CopyFolderAction(IRequestHandler<CopyFolder, Answer<CopyReply>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Copy;

    public bool OfFolders => true;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new CopyFolder(order.By, new(entry), order.Folder, null, CopyConflict.Rename), cancel))
        .Map(_ => default(Done));
}
