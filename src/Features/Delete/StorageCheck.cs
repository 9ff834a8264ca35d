using System.Runtime.CompilerServices;
using AccountsEvent = EventFiles.Features.Accounts.AccountsEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Delete;

/// <summary>Something about which log and object store disagree.</summary>
/// <param name="Stored">As it stands in the store; of a dangling one, as the log says it was stored.</param>
/// <param name="Event">
/// The one responsible: of what is left over, that which ended it; of what is missing or of another size, that which tells
/// that it was stored. Null where no event tells of it.
/// </param>
public sealed record StorageFinding(StorageFault Fault, StoredObject Stored, NamedEvent? Event = null);

/// <summary>
/// Compares the object store with the log, in pages, and removes what nothing stands for. The log alone decides: the
/// clock only keeps the search away from what is still on its way.
/// </summary>
/// <remarks>
/// Why removing is safe. Original bytes are stored before the commit that tells of them, so those of an upload under way
/// look like an orphan. Before they go, the upload is ended in the log, in the stream that its commit writes to or reads:
/// either the commit came first, and the bytes stay; or it comes later and is refused, and its client is told. So nobody
/// ever gets a yes for bytes that go, even when a clock jumped. Bytes of a file that is gone stay as long as the owner's
/// ledger says that somebody needs them: once nobody does, nobody ever will. A variant's bytes go only if they are those that were
/// seen: what a job has made anew since has another time. Of what is over (abandoned, deleted for good) nothing comes back.
/// </remarks>
public sealed class StorageCheck(IStreams streams, IObjects objects, IUploads uploads, IAllowance allowance)
{
    private const int PageSize = 250;

    private static readonly string[] Areas = ["raw/", "parts/", "processed/", "avatars/"];

    // What no stream's name leads to is looked for in the whole log: so many at a time, a few megabytes.
    private const int SuspectsAtOnce = 10_000;

    /// <summary>The objects that nothing in the log stands for, or nothing any more.</summary>
    /// <param name="storedBefore">What was written later is not looked at.</param>
    public async IAsyncEnumerable<StorageFinding> Unclaimed(
        DateTimeOffset storedBefore, [EnumeratorCancellation] CancellationToken cancel)
    {
        var suspects = new List<StoredObject>();
        await foreach (var page in Pages(storedBefore, cancel))
        {
            var ledger = await Ledger(page.Select(one => one.Key), cancel);
            foreach (var one in page)
            {
                // A part is stored after the log has told of its upload, as a variant after its job was planned. A picture of
                // a person is stored just before, and its stream is the only one that could tell of it.
                var (isRaw, isVariant) = (
                    one.Key.AsRaw() is not null,
                    (one.Key.AsVariant() ?? (object?)one.Key.AsPart() ?? one.Key.AsAvatar()) is not null);
                var (standing, ended) = ledger.StandingOf(one.Key);
                if (!isRaw && !isVariant)
                    yield return new StorageFinding(StorageFault.Foreign, one);
                else if (standing == Standing.Over && await IsNeeded(one.Key, ledger, cancel))
                    continue;
                else if (standing == Standing.Over)
                    yield return new StorageFinding(StorageFault.LeftOver, one, ended);
                else if (standing == Standing.Unknown && isVariant)
                    yield return new StorageFinding(StorageFault.Orphan, one);
                else if (standing == Standing.Unknown)
                    suspects.Add(one);
            }

            if (suspects.Count < SuspectsAtOnce)
                continue;
            foreach (var found in await Judge(suspects, cancel))
                yield return found;
            suspects.Clear();
        }

        foreach (var found in await Judge(suspects, cancel))
            yield return found;
    }

    /// <summary>What the log says is there, and is not, or not of that size.</summary>
    public async IAsyncEnumerable<StorageFinding> Missing([EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (happened, file, expected) in streams.ReadAll(LoggedObjects.Facts, cancel).SelectMany(told => Expected(told).ToAsyncEnumerable()))
        {
            // What is so damaged that it does not open has no bytes for anybody.
            var found = await objects.SizeOf(expected.Key, cancel);
            if (found == expected.SizeBytes)
                continue;
            // Asked after the look: whoever deletes a file for good says so before its bytes go.
            var ledger = await Ledger(
                expected.Key.AsAvatar() is null ? ObjectLedger.StreamsOf(file) : ObjectLedger.StreamsOf(expected.Key), new ObjectLedger(), cancel);
            if (!ledger.IsGone(file, expected.Key) && !await IsMadeAnew(file, happened, expected.Key, cancel))
            {
                yield return found is { } length
                    ? new StorageFinding(StorageFault.WrongSize, expected with { SizeBytes = length }, NamedEvent.Of(happened))
                    : new StorageFinding(StorageFault.Dangling, expected, NamedEvent.Of(happened));
            }
        }
    }

    private static IEnumerable<(RecordedEvent Told, FileId File, StoredObject Expected)> Expected(RecordedEvent told) => told.Fact switch
    {
        UploadEvent.Completed whole => [(told, whole.File, new StoredObject(whole.StoredAs, whole.SizeBytes, told.At))],
        UploadEvent.HandedOver handed => handed.Versions.DistinctBy(one => one.Upload)
            .Select(one => (told, handed.File, new StoredObject(one.StoredAs, one.SizeBytes, told.At))),
        ProcessEvent.StepSucceeded { File: var of, Made: var made } => [(told, of, new StoredObject(made.StoredAs, made.SizeBytes, told.At))],
        AccountsEvent.AvatarChanged changed =>
            [(told, default, new StoredObject(ObjectKey.Avatar(changed.Account, changed.Avatar), changed.SizeBytes, told.At))],
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // Of what was made anew the last success tells how long it is.
    private async Task<bool> IsMadeAnew(FileId file, RecordedEvent told, ObjectKey key, CancellationToken cancel) =>
        told.Fact is ProcessEvent.StepSucceeded && await streams.Read($"process-{file}", 0, cancel).AnyAsync(
            later => later.Position > told.Position && later.Fact is ProcessEvent.StepSucceeded { Made: var made } && made.StoredAs == key, cancel);

    /// <summary>Removes what <see cref="Unclaimed"/> has found, and tells the log of it.</summary>
    /// <returns>Whether it is gone; false when there is no removing it, or something stands for it after all.</returns>
    public async Task<bool> Remove(StorageFinding found, CancellationToken cancel)
    {
        if (found.Fault is not (StorageFault.Orphan or StorageFault.LeftOver))
            return false;
        if (found.Stored.Key.AsRaw() is not { } upload)
        {
            if (!await objects.DeleteUnchanged(found.Stored, cancel))
                return false;
        }
        else if (found.Fault == StorageFault.Orphan && await uploads.Disown(upload, cancel) is not null)
        {
            return false;
        }
        else
        {
            await objects.Delete(found.Stored.Key, cancel);
        }

        await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                StorageDecider.StreamOf(found.Stored.Key), StorageDecider.Decider,
                new StorageCommand.Remove(found.Stored, found.Fault)) is { } no
                ? no
                : new Done(),
            cancel);
        return true;
    }

    private IAsyncEnumerable<StoredObject[]> Pages(DateTimeOffset storedBefore, CancellationToken cancel) =>
        Areas.ToAsyncEnumerable()
            .SelectMany(area => objects.List(area, cancel))
            .Where(one => one.StoredAt < storedBefore)
            .Chunk(PageSize);

    // The streams that the keys name, and those of other files to which these lead.
    private async Task<ObjectLedger> Ledger(IEnumerable<ObjectKey> keys, CancellationToken cancel)
    {
        keys = [.. keys];
        var ledger = await Ledger(keys.SelectMany(ObjectLedger.StreamsOf), new ObjectLedger(), cancel);
        return await Ledger(keys.SelectMany(ledger.FilesOf).SelectMany(ObjectLedger.StreamsOf), ledger, cancel);
    }

    private async Task<ObjectLedger> Ledger(IEnumerable<string> names, ObjectLedger ledger, CancellationToken cancel)
    {
        string[] asked = [.. names.Distinct(StringComparer.Ordinal)];
        if (asked.Length == 0)
            return ledger;
        await foreach (var happened in streams.ReadMerged(asked, cancel))
            ledger.Hear(happened);
        return ledger;
    }

    // Before an original is called an orphan, the whole log is asked: a version of a file that was there, stored by a
    // program that did not keep a stream under the upload's own name, is found only so.
    private async Task<List<StorageFinding>> Judge(List<StoredObject> suspects, CancellationToken cancel)
    {
        if (suspects.Count == 0)
            return [];
        var ledger = new ObjectLedger();
        var asked = suspects.Select(one => one.Key.AsRaw()).ToHashSet();
        await foreach (var happened in streams.ReadAll(ObjectLedger.OfOriginals, cancel))
        {
            if (happened.Fact is UploadEvent.HandedOver || asked.Contains(ObjectLedger.UploadOf(happened.Fact)))
                ledger.Hear(happened);
        }

        await Ledger(
            suspects.SelectMany(one => ledger.FilesOf(one.Key)).SelectMany(ObjectLedger.StreamsOf), ledger, cancel);
        var found = new List<StorageFinding>();
        foreach (var one in suspects)
        {
            var (standing, ended) = ledger.StandingOf(one.Key);
            if (standing != Standing.Kept && !(standing == Standing.Over && await IsNeeded(one.Key, ledger, cancel)))
                found.Add(new StorageFinding(standing == Standing.Over ? StorageFault.LeftOver : StorageFault.Orphan, one, ended));
        }

        return found;
    }

    // The file that it came for may be gone and others have it still, or be about to give it up.
    private async Task<bool> IsNeeded(ObjectKey key, ObjectLedger ledger, CancellationToken cancel) =>
        key.AsRaw() is { } upload && ledger.FileOf(upload) is { } file
        && await allowance.IsNeeded(ledger.OwnerOf(upload), key, file, upload, cancel);
}
