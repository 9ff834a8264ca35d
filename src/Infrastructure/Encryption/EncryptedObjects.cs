using System.Runtime.CompilerServices;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Encrypts what goes into an object store, whichever it is. An encrypted object lies there under its key and <c>.enc</c>:
/// so no byte of it can make it look like one that was stored in plain, before there was encryption; those are read as ever.
/// </summary>
/// <param name="stored">The object store.</param>
/// <param name="isOn">Whether what is written is encrypted. What is encrypted is read in any case.</param>
internal sealed class EncryptedObjects(
    IObjects stored, GrowthRecords rows, SubjectKeys keys, EncryptedGrowing growing, bool isOn) : IObjects
{
    private const string Mark = StoredDigest.Encrypted;

    /// <summary>Whom objects belong to that belong to nobody.</summary>
    private static readonly AccountId Installation = new(Guid.Empty);

    /// <inheritdoc/>
    public IObjects OwnedBy(AccountId owner) => new Owned(this, owner);

    /// <inheritdoc/>
    public Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel) => Put(key, Installation, content, cancel);

    /// <inheritdoc/>
    public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) =>
        Append(key, Installation, offset, content, cancel);

    /// <inheritdoc/>
    public async Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel)
    {
        Require(key);
        return await rows.Length(key, cancel) ?? await stored.GrowingLength(key, cancel);
    }

    /// <inheritdoc/>
    public async Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel)
    {
        var place = Require(key);
        if (await growing.Seal(key, place, cancel) is { } done)
            return done;
        if (await stored.Open(place, cancel) is not { } there)
            return await stored.Seal(key, cancel);
        // It was sealed before: only its bytes tell what they are.
        await using var whole = await Opened(there, key, cancel);
        using var digest = System.Security.Cryptography.SHA256.Create();
        return new SealedObject(key, whole.Length, Convert.ToHexStringLower(await digest.ComputeHashAsync(whole, cancel)));
    }

    /// <inheritdoc/>
    public async Task<Stream?> Open(ObjectKey key, CancellationToken cancel) =>
        await stored.Open(Require(key), cancel) is { } there ? await Opened(there, key, cancel) : await stored.Open(key, cancel);

    // The row first: without it what is in the store is of no use to anybody, and found by whoever looks for what is left.
    /// <inheritdoc/>
    public async Task Delete(ObjectKey key, CancellationToken cancel)
    {
        var place = Require(key);
        await rows.Delete(key, cancel);
        await stored.Delete(place, cancel);
        if (await IsPlain(key, cancel))
            await stored.Delete(key, cancel);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel)
    {
        var place = Require(seen.Key);
        if (await rows.DeleteUnchanged(seen, cancel))
        {
            await stored.Delete(place, cancel);
            return true;
        }

        return await stored.DeleteUnchanged(seen with { Key = place, SizeBytes = SegmentFormat.Stored(seen.SizeBytes) }, cancel)
            || (await IsPlain(seen.Key, cancel) && await stored.DeleteUnchanged(seen, cancel));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> List(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        var growths = await rows.Beginning(prefix, cancel);
        await foreach (var one in stored.List(prefix, cancel))
        {
            if (!one.Key.Value.EndsWith(Mark, StringComparison.Ordinal))
                yield return one;
            else if (new ObjectKey(one.Key.Value[..^Mark.Length]) is var key && growths.TryGetValue(key, out var growth))
                yield return growth;
            else
                yield return new StoredObject(key, await PlainBytes(one, key, cancel), one.StoredAt);
        }
    }

    private static ObjectKey Require(ObjectKey key)
    {
        ObjectPath.Require(key);
        return key.Value.EndsWith(Mark, StringComparison.Ordinal)
            ? throw new ArgumentException($"No key ends with {Mark}.", nameof(key))
            : new ObjectKey(key.Value + Mark);
    }

    private async Task<SealedObject> Put(ObjectKey key, AccountId owner, Stream content, CancellationToken cancel)
    {
        var place = Require(key);
        if (!isOn)
        {
            var plain = await stored.Put(key, content, cancel);
            await Forget(key, place, cancel);
            return plain;
        }

        using var cipher = ObjectCipher.New(await keys.Of(owner, cancel), key);
        var digest = new ResumableSha256();
        await using var sealing = new SealingStream(cipher, content, digest);
        await stored.Put(place, sealing, cancel);
        await Forget(key, key, cancel);
        return new SealedObject(key, sealing.TakenBytes, digest.Hex());
    }

    private async Task<long> Append(ObjectKey key, AccountId owner, long offset, Stream content, CancellationToken cancel)
    {
        var place = Require(key);
        if (await rows.Length(key, cancel) is null)
        {
            if (!isOn || await stored.GrowingLength(key, cancel) is not null)
                return await stored.Append(key, offset, content, cancel);
            await using (var whole = await Open(key, cancel))
            {
                if (whole is not null || offset > 0)
                    throw new OffsetMismatchException(whole?.Length ?? 0);
            }

            await growing.Begin(key, place, owner, cancel);
        }

        return await growing.Append(key, place, offset, content, cancel);
    }

    // Only what is made anew is ever written again, and only once before and once after encryption was switched.
    private async Task Forget(ObjectKey key, ObjectKey other, CancellationToken cancel)
    {
        if (key.AsRaw() is not null)
            return;
        await using var former = await stored.Open(other, cancel);
        if (former is not null)
            await stored.Delete(other, cancel);
    }

    private async Task<bool> IsPlain(ObjectKey key, CancellationToken cancel)
    {
        await using var plain = await stored.Open(key, cancel);
        return plain is not null || await stored.GrowingLength(key, cancel) is not null;
    }

    private async Task<Stream> Opened(Stream there, ObjectKey key, CancellationToken cancel)
    {
        ObjectCipher cipher;
        try
        {
            var bytes = new byte[ObjectHeader.Bytes];
            await ObjectLayout.ReadAt(there, 0, bytes, cancel);
            var header = ObjectHeader.Read(bytes, key);
            cipher = ObjectCipher.Of(header, await keys.Find(header.Subject, cancel), key);
        }
        catch
        {
            await there.DisposeAsync();
            throw;
        }

        return await OpenedStream.Of(there, cipher, key, cancel);
    }

    private async Task<long> PlainBytes(StoredObject one, ObjectKey key, CancellationToken cancel)
    {
        if (!ObjectLayout.HasGaps(one.SizeBytes))
            return SegmentFormat.Plain(one.SizeBytes) ?? one.SizeBytes;
        try
        {
            await using var content = await Open(key, cancel);
            return content?.Length ?? one.SizeBytes;
        }
        catch (Exception failure) when (failure is ObjectDamagedException or ObjectKeyLostException)
        {
            // One object that does not open hides none of the others.
            return one.SizeBytes;
        }
    }

    private sealed class Owned(EncryptedObjects all, AccountId owner) : IObjects
    {
        public IObjects OwnedBy(AccountId other) => all.OwnedBy(other);

        public Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel) => all.Put(key, owner, content, cancel);

        public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) =>
            all.Append(key, owner, offset, content, cancel);

        public Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel) => all.GrowingLength(key, cancel);

        public Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel) => all.Seal(key, cancel);

        public Task<Stream?> Open(ObjectKey key, CancellationToken cancel) => all.Open(key, cancel);

        public Task Delete(ObjectKey key, CancellationToken cancel) => all.Delete(key, cancel);

        public Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel) => all.DeleteUnchanged(seen, cancel);

        public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancel) => all.List(prefix, cancel);
    }
}
