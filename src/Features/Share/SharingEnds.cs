namespace EventFiles.Features.Share;

/// <summary>Whom somebody shares with, as the slice asks for it that erases people.</summary>
internal sealed class SharingEnds(IStreams streams, IReadModel<ShareEntry> shares) : ISharing
{
    public async Task<IReadOnlyList<AccountId>> RecipientsOf(FileId file, CancellationToken cancel) =>
        await All(ShareProjection.Of(file), cancel).Select(share => share.Grantee).ToListAsync(cancel);

    public async Task LeaveAll(AccountId grantee, CancellationToken cancel)
    {
        await foreach (var share in All(ShareProjection.With(grantee), cancel))
        {
            await streams.Transact<Done>(async transaction =>
                await transaction.Decide(
                    ShareDecider.StreamOf(share.Owner, share.File), ShareDecider.Decider, new ShareCommand.Revoke(share.File, share.Id)) is { } no
                    ? no
                    : new Done(), cancel);
        }
    }

    private async IAsyncEnumerable<ShareEntry> All(
        string index, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = null; ;)
        {
            var page = await shares.List(index, cursor, 1000, descending: false, cancel);
            foreach (var share in page.Items)
                yield return share;
            if ((cursor = page.NextCursor) is null)
                break;
        }
    }
}
