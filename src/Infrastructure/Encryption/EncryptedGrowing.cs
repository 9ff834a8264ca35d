using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Encrypted objects that grow. Whole segments go to the object store, and what is too little for one waits in a row, so that
/// nothing that is stored is ever written again, neither by a slow append nor after a kill: no two contents meet under one
/// nonce, since each sealing draws its own. What the store has beyond the row (of an append that died or was overtaken) is
/// left where it is, as a gap.
/// </summary>
/// <param name="often">What came is on record after as long, or twice as long when it is less than a segment.</param>
internal sealed class EncryptedGrowing(IObjects stored, GrowthRecords rows, SubjectKeys keys, TimeSpan often)
{
    // However fast it comes, no more than this is not on record yet. Whole parts of a bucket fit in.
    private const int PieceSegments = 1024;

    // Whoever ends an upload waits for object store and database and not for a client, and holds a few segments meanwhile: all
    // who end at once would hold hundreds of megabytes of the process.
    private static readonly SemaphoreSlim Sealing = new(64);

    private readonly BusyKeys busy = new();

    /// <summary>Adds bytes to an object that grows.</summary>
    /// <returns>The new plain length.</returns>
    public Task<long> Append(ObjectKey key, ObjectKey place, long offset, Stream content, CancellationToken cancel) => Alone(key, async () =>
    {
        var growth = await rows.Find(key, cancel);
        if (growth is null || growth.IsClosing || growth.SizeBytes != offset)
            throw await Overtaken(key);
        using var cipher = await Cipher(growth, key, cancel);
        var beside = cipher.OpenGrowing(growth.Version, growth.Beside);
        var digest = new ResumableSha256(beside.AsSpan(0, ResumableSha256.StateBytes));
        ReadOnlyMemory<byte> left = beside.AsMemory(ResumableSha256.StateBytes);
        await using var arriving = new ArrivingContent(content, cancel);
        while (true)
        {
            var piece = new Piece(arriving, Most(growth.Slots), often);
            await using var sealing = new SealingStream(cipher, piece, growth.Segments, left, digest);
            var slot = growth.Slots;
            if (await sealing.Prepare())
            {
                slot = await Free(key, place, growth);
                await Store(key, place, slot, sealing);
                KillPoint.Reach("encryption.segments-stored");
            }

            left = sealing.Left.ToArray();
            // Its buffers are not held while the database is waited for.
            await sealing.DisposeAsync();
            growth = await Change(key, cipher, digest, left, growth with
            {
                Segments = growth.Segments + sealing.Segments,
                Runs = Runs(growth, sealing.Segments, slot),
                Slots = slot + sealing.Segments,
                SizeBytes = Start(growth.Segments + sealing.Segments) + left.Length,
            });
            KillPoint.Reach("encryption.growth-recorded");
            if (!sealing.HasEnded)
                continue;
            sealing.Broken?.Throw();
            return growth.SizeBytes;
        }
    });

    /// <summary>Makes a row and an empty object, unless they are there.</summary>
    public async Task Begin(ObjectKey key, ObjectKey place, AccountId owner, CancellationToken cancel)
    {
        using var cipher = ObjectCipher.New(await keys.Of(owner, cancel), key);
        await rows.Create(key, cipher.Header.ToBytes(), cipher.SealGrowing(1, new ResumableSha256().State), cancel);
        try
        {
            await stored.Append(place, 0, Stream.Null, cancel);
        }
        catch (OffsetMismatchException)
        {
            // Somebody else began at the same time, or long ago: there is room behind.
        }
    }

    /// <summary>Makes an object that grew immutable; safe to repeat.</summary>
    /// <returns>Null when nothing of that key grows here.</returns>
    public async Task<SealedObject?> Seal(ObjectKey key, ObjectKey place, CancellationToken cancel)
    {
        await Sealing.WaitAsync(cancel);
        try
        {
            return await Alone(key, () => SealAlone(key, place, cancel));
        }
        finally
        {
            Sealing.Release();
        }
    }

    private async Task<SealedObject?> SealAlone(ObjectKey key, ObjectKey place, CancellationToken cancel)
    {
        if (await rows.Find(key, cancel) is not { } growth)
            return null;
        using var cipher = await Cipher(growth, key, cancel);
        var beside = cipher.OpenGrowing(growth.Version, growth.Beside);
        var digest = new ResumableSha256(beside.AsSpan(0, ResumableSha256.StateBytes));
        if (!growth.IsClosing)
        {
            var left = beside.AsMemory(ResumableSha256.StateBytes);
            var slot = await Free(key, place, growth);
            var runs = Runs(growth, 1, slot);
            await using (var end = await LastSegment(cipher, growth, left, runs))
                await Store(key, place, slot, end, end.Length);
            KillPoint.Reach("encryption.end-stored");
            await Change(key, cipher, digest, left, growth with { Runs = runs, IsClosing = true });
        }

        KillPoint.Reach("encryption.closing");
        await stored.Seal(place, CancellationToken.None);
        KillPoint.Reach("encryption.sealed");
        await rows.Delete(key, CancellationToken.None);
        return new SealedObject(key, growth.SizeBytes, digest.Hex());
    }

    // The last segment; and where the others are, if they are not where one would look.
    private static async Task<MemoryStream> LastSegment(
        ObjectCipher cipher, GrowthRecord growth, ReadOnlyMemory<byte> left, IReadOnlyList<SegmentRun> runs)
    {
        var end = new MemoryStream();
        await using (var last = new SealingStream(cipher, growth.Segments, left))
            await last.CopyToAsync(end, SlotBytes);
        if (runs is not [{ Segment: 0, Slot: 0 }])
        {
            end.SetLength(SlotBytes);
            end.Position = SlotBytes;
            await end.WriteAsync(ObjectLayout.End(cipher, growth.SizeBytes, runs));
        }

        end.Position = 0;
        return end;
    }

    private static long Most(long slots)
    {
        var most = Math.Max(PieceSegments, PartSizes.At(slots * SlotBytes) / SlotBytes);
        return most - (slots % most);
    }

    private static IReadOnlyList<SegmentRun> Runs(GrowthRecord growth, long segments, long slot) =>
        segments == 0 || (growth.Runs.Count > 0 && slot == growth.Slots)
            ? growth.Runs
            : [.. growth.Runs, new SegmentRun(growth.Segments, slot)];

    private async Task<ObjectCipher> Cipher(GrowthRecord growth, ObjectKey key, CancellationToken cancel)
    {
        var header = ObjectHeader.Read(growth.Header, key);
        return ObjectCipher.Of(header, await keys.Find(header.Subject, cancel), key);
    }

    // The first slot behind all that is there. A kill may have left a part of one: it is filled up, and is a gap.
    private async Task<long> Free(ObjectKey key, ObjectKey place, GrowthRecord growth)
    {
        var length = await stored.GrowingLength(place, CancellationToken.None) ?? 0;
        if (length < growth.Slots * SlotBytes && await rows.Length(key, CancellationToken.None) is null)
            throw await Overtaken(key); // by who deleted it
        if (length < growth.Slots * SlotBytes)
            throw new ObjectDamagedException("Bytes of an object that grows were acknowledged and are not there any more.");
        if (length % SlotBytes is var part and > 0)
            length = await stored.Append(place, length, new MemoryStream(new byte[SlotBytes - part]), CancellationToken.None);
        return length / SlotBytes;
    }

    private async Task Store(ObjectKey key, ObjectKey place, long slot, SealingStream sealing)
    {
        var end = await Store(key, place, slot, (Stream)sealing);
        if (end != (slot + sealing.Segments) * SlotBytes)
            throw new IOException("The object store has another length than what it was given.");
    }

    private async Task Store(ObjectKey key, ObjectKey place, long slot, Stream bytes, long length)
    {
        var end = await Store(key, place, slot, bytes);
        if (end != (slot * SlotBytes) + length)
            throw new IOException("The object store has another length than what it was given.");
    }

    private async Task<long> Store(ObjectKey key, ObjectKey place, long slot, Stream bytes)
    {
        try
        {
            return await stored.Append(place, slot * SlotBytes, bytes, CancellationToken.None);
        }
        catch (OffsetMismatchException)
        {
            throw await Overtaken(key);
        }
    }

    private async Task<GrowthRecord> Change(
        ObjectKey key, ObjectCipher cipher, ResumableSha256 digest, ReadOnlyMemory<byte> left, GrowthRecord next)
    {
        var version = next.Version + 1;
        next = next with { Version = version, Beside = cipher.SealGrowing(version, [.. digest.State, .. left.Span]) };
        return await rows.Change(key, next, CancellationToken.None) ? next : throw await Overtaken(key);
    }

    private async Task<OffsetMismatchException> Overtaken(ObjectKey key) =>
        new(await rows.Length(key, CancellationToken.None) ?? 0);

    private Task<T> Alone<T>(ObjectKey key, Func<Task<T>> work) => busy.Alone(key, work, Overtaken);
}
