using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Copies of many files into a folder.</summary>
internal sealed class CopyFileAction(IRequestHandler<CopyFile, Answer<UploadedFile>> handler) : IBulkAction
{
    public BulkVerb Verb => BulkVerb.Copy;

    public bool OfFolders => false;

    public async Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel) =>
        (await handler.Handle(new CopyFile(order.By, new(entry), order.Folder, null, NameConflict.Rename), cancel))
        .Map(_ => default(Done));
}
