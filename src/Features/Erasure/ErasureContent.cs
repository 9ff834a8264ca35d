namespace EventFiles.Features.Erasure;

/// <summary>What is left of a person's files and folders.</summary>
/// <param name="Going">What is on its way out, or was asked to go just now.</param>
/// <param name="Held">Files that a legal hold keeps.</param>
/// <param name="IsHeld">Whether a hold keeps anything, the account itself included.</param>
internal sealed record ContentLeft(int Going, int Held, bool IsHeld);

/// <summary>A person's files, folders, transfers and shares, and their end. Holds win; rules of one's own do not.</summary>
internal sealed class ErasureContent(
    IStreams streams, IFiles files, IFolders folders, IFolderTrash bin, IDeletion deletion, IHolds holds,
    IUploadsOfOwner uploads, IExportsOfOwner exports, ISharing sharing, IHandoversOfAccount handovers, IAvatars avatars)
{
    /// <summary>Counts what there is.</summary>
    public async Task<ErasureInventory> Inventory(AccountId owner, CancellationToken cancel) => new(
        await Files(owner, cancel).CountAsync(cancel), (await Folders(owner, cancel)).Count, await uploads.Count(owner, cancel));

    /// <summary>Whose access ends.</summary>
    public async Task<ErasureRecipients> Recipients(AccountId owner, CancellationToken cancel) => ErasureRecipients.Of(
        await sharing.RecipientsOf(owner, cancel), await sharing.OffersOf(owner, cancel));

    /// <summary>Asks all of it to go, as far as no hold keeps it; safe to repeat until nothing is left.</summary>
    public async Task<ContentLeft> Delete(AccountId owner, CancellationToken cancel)
    {
        await uploads.EndAll(owner, cancel);
        await exports.EndLast(owner, cancel);
        await sharing.LeaveAll(owner, cancel);
        await sharing.CloseInboxes(owner, cancel);
        // What has been accepted goes over first: then it is the other's, or goes the way of all that is here.
        var under = await handovers.End(owner, cancel);
        var (going, held) = (under + await uploads.Count(owner, cancel), 0);
        await foreach (var file in Files(owner, cancel))
        {
            if (await Keeps(owner, file, cancel))
                held++;
            else
                going++;
        }

        var isHeld = held > 0 || await IsHeld(owner, cancel);
        if (going > 0 || isHeld)
            return new ContentLeft(going, held, isHeld);
        await avatars.ClearAll(owner, cancel);
        foreach (var folder in await Folders(owner, cancel))
        {
            going++;
            await streams.Transact<Done>(
                async transaction => await bin.Remove(transaction, owner, folder) is { } no ? no : new Done(), cancel);
        }

        await foreach (var (folder, _) in deletion.TrashedWithoutFiles(owner, cancel))
        {
            going++;
            await streams.Transact<Done>(
                async transaction => await deletion.DeleteTrashed(transaction, owner, folder) is { } no ? no : new Done(), cancel);
        }

        return new ContentLeft(going, 0, false);
    }

    /// <summary>The same, once something was found that was there when all had gone.</summary>
    public async Task DeleteAgain(AccountId owner, CancellationToken cancel)
    {
        await Delete(owner, cancel);
        await exports.ClearAll(owner, cancel);
        await avatars.ClearAll(owner, cancel);
    }

    // Of a hold and this at once, one is first: it is asked in the transaction that decides.
    private async Task<bool> Keeps(AccountId owner, FileId file, CancellationToken cancel) =>
        await streams.Transact<bool>(async transaction =>
        {
            if (await files.IsGone(transaction, owner, file))
                return false;
            if ((await holds.OverFile(transaction, owner, file)).Count > 0)
                return true;
            return await deletion.Delete(transaction, owner, file) is { } no ? no : false;
        }, cancel) is Answer<bool>.Yes(true, _);

    private async Task<bool> IsHeld(AccountId owner, CancellationToken cancel) =>
        await streams.Transact<bool>(
            async transaction => (await holds.OverFolder(transaction, owner, FolderId.RootOf(owner))).Count > 0, cancel)
            is Answer<bool>.Yes(true, _);

    private async IAsyncEnumerable<FileId> Files(
        AccountId owner, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var seen = new HashSet<FileId>();
        await foreach (var file in folders.FilesBelow(FolderId.RootOf(owner), cancel))
        {
            if (seen.Add(file))
                yield return file;
        }

        await foreach (var (file, _) in deletion.Trashed(owner, cancel))
        {
            if (seen.Add(file))
                yield return file;
        }
    }

    // Those below before those above.
    private async Task<List<FolderId>> Folders(AccountId owner, CancellationToken cancel)
    {
        var all = await folders.Below(FolderId.RootOf(owner), cancel).Where(child => child.IsFolder).Select(child => new FolderId(child.Id))
            .ToListAsync(cancel);
        all.Reverse();
        return all;
    }
}
