namespace EventFiles.Features.Upload;

/// <summary>All transfers of one owner, as the slice asks for them that erases people.</summary>
internal sealed class UploadsOfOwner(IReadModel<UploadView> views, UploadCompletion completion) : IUploadsOfOwner
{
    public async Task<int> Count(AccountId owner, CancellationToken cancel) => await All(owner, cancel).CountAsync(cancel);

    public async Task EndAll(AccountId owner, CancellationToken cancel)
    {
        await foreach (var view in All(owner, cancel))
            await completion.Abandon(owner, view.Upload, view.File, "erased");
    }

    public async Task EndAll(AccountId owner, FileId file, CancellationToken cancel)
    {
        await foreach (var view in All(owner, cancel).Where(view => view.File == file))
            await completion.Abandon(owner, view.Upload, view.File, "erased");
    }

    private async IAsyncEnumerable<UploadView> All(
        AccountId owner, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = null; ;)
        {
            var page = await views.List(UploadProjection.Of(owner), cursor, 1000, descending: false, cancel);
            foreach (var view in page.Items)
                yield return view;
            if ((cursor = page.NextCursor) is null)
                break;
        }
    }
}
