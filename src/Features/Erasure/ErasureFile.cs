namespace EventFiles.Features.Erasure;

/// <summary>
/// One file, with its versions, variants, transfers, shares and links, and its end. Holds win, also over what is told of a file
/// that was deleted for good before; rules do not.
/// </summary>
internal sealed class ErasureFile(
    IStreams streams, IFiles files, IDeletion deletion, IHolds holds, IUploadsOfOwner uploads, IExportsOfOwner exports, ISharing sharing)
{
    /// <summary>Counts what there is.</summary>
    public async Task<FileInventory> Inventory(FileId file, CancellationToken cancel) =>
        new(await deletion.Remains(file, cancel) is { } there ? there.Versions : 0);

    /// <summary>Whose access ends.</summary>
    public async Task<ErasureRecipients> Recipients(FileId file, CancellationToken cancel) => ErasureRecipients.Of(
        await sharing.RecipientsOf(file, cancel), await sharing.OffersOf(file, cancel));

    /// <summary>Asks it to go, unless a hold keeps it; safe to repeat until nothing is left.</summary>
    /// <returns>Null while it is on its way out.</returns>
    public async Task<ErasureCommand?> Delete(ErasureId erasure, AccountId owner, FileId file, CancellationToken cancel)
    {
        if (await AskToGo(owner, file, cancel) is not Answer<bool>.Yes(var isHeld, _))
            return null;
        if (isHeld)
            return new ErasureCommand.RecordHold(erasure, 1);
        if (await sharing.Close(owner, file, cancel) is not null || await deletion.Remains(file, cancel) is not { IsPurged: true } gone)
            return null;
        await EndExport(owner, cancel);
        return new ErasureCommand.RecordFile(erasure, gone);
    }

    /// <summary>Asks it to go, and ends what was to become a version of it.</summary>
    /// <returns>Whether a hold keeps it.</returns>
    public async Task<Answer<bool>> AskToGo(AccountId owner, FileId file, CancellationToken cancel)
    {
        var asked = await Ask(owner, file, cancel);
        if (asked is Answer<bool>.Yes(false, _))
            await uploads.EndAll(owner, file, cancel);
        return asked;
    }

    /// <summary>What somebody takes along of theirs may have the file in it.</summary>
    public Task EndExport(AccountId owner, CancellationToken cancel) => exports.EndLast(owner, cancel);

    /// <summary>Whether a hold keeps it, asked in the transaction that decides.</summary>
    public async Task<bool> IsHeld(ITransaction transaction, AccountId owner, FileId file) =>
        (await holds.OverFile(transaction, owner, file)).Count > 0;

    /// <summary>The objects that it had and that other files of the owner have too.</summary>
    public async Task<IReadOnlyCollection<ObjectKey>> Shared(FileId file, CancellationToken cancel) =>
        (await deletion.Remains(file, cancel))?.Shared ?? [];

    // Whether a hold keeps it. Of a hold and this at once, one is first: it is asked in the transaction that decides.
    private Task<Answer<bool>> Ask(AccountId owner, FileId file, CancellationToken cancel) =>
        streams.Transact<bool>(async transaction =>
            await IsHeld(transaction, owner, file) ? true
            : await files.IsGone(transaction, owner, file) ? false
            : await deletion.Delete(transaction, owner, file) is { } no ? no
            : false, cancel);
}
