namespace EventFiles.Features.Erasure;

/// <summary>
/// One file, with its versions, variants, transfers, shares and links, and its end. Holds win, also over what is told of a file
/// that was deleted for good before; rules do not.
/// </summary>
internal sealed class ErasureFile(
    IStreams streams, IFiles files, IDeletion deletion, IHolds holds, IExportsOfOwner exports, ISharing sharing)
{
    /// <summary>Counts what there is.</summary>
    public async Task<FileInventory> Inventory(FileId file, CancellationToken cancel) =>
        new(await deletion.Remains(file, cancel) is { } there ? there.Versions : 0, (await sharing.RecipientsOf(file, cancel)).Count);

    /// <summary>Asks it to go, unless a hold keeps it; safe to repeat until nothing is left.</summary>
    /// <returns>Null while it is on its way out.</returns>
    public async Task<ErasureCommand?> Delete(ErasureId erasure, AccountId owner, FileId file, CancellationToken cancel)
    {
        var asked = await Ask(owner, file, cancel);
        if (asked is not Answer<bool>.Yes(var isHeld, _))
            return null;
        if (isHeld)
            return new ErasureCommand.RecordHold(erasure, 1);
        // What somebody takes along of theirs may have the file in it.
        await exports.EndLast(owner, cancel);
        return await sharing.Close(owner, file, cancel) is null && await deletion.Remains(file, cancel) is { IsPurged: true } gone
            ? new ErasureCommand.RecordFile(erasure, gone)
            : null;
    }

    /// <summary>The objects that it had and that other files of the owner have too.</summary>
    public async Task<IReadOnlyCollection<ObjectKey>> Shared(FileId file, CancellationToken cancel) =>
        (await deletion.Remains(file, cancel))?.Shared ?? [];

    // Whether a hold keeps it. Of a hold and this at once, one is first: it is asked in the transaction that decides.
    private Task<Answer<bool>> Ask(AccountId owner, FileId file, CancellationToken cancel) =>
        streams.Transact<bool>(async transaction =>
            (await holds.OverFile(transaction, owner, file)).Count > 0 ? true
            : await files.IsGone(transaction, owner, file) ? false
            : await deletion.Delete(transaction, owner, file) is { } no ? no
            : false, cancel);
}
