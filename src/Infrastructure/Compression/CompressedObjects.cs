using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Compression;

/// <summary>
/// Original bytes in one of two forms, whichever the store: as they came under their key, or compressed under the key and
/// <c>.z</c>, and both while one takes the other's place. The form as it came goes before the other: it is removed only when
/// the other is whole, so whoever does not find the first finds the second.
/// </summary>
/// <param name="below">The store, which encrypts what it is given, or not.</param>
/// <param name="isOn">Whether objects are compressed. What is compressed is read in any case.</param>
internal sealed class CompressedObjects(IObjects below, bool isOn) : IObjects, ICompression
{
    private const string Mark = ".z";

    // Less than that is one or two blocks of a disk, and a small object in a bucket costs a request, not its bytes.
    private const int LeastBytes = 16 * 1024;

    /// <inheritdoc/>
    public bool IsOn => isOn;

    /// <inheritdoc/>
    public IObjects OwnedBy(AccountId owner) => new CompressedObjects(below.OwnedBy(owner), isOn);

    // Original bytes are put again only when those that were there are damaged, and always the same: what may be
    // compressed of them is behind these from then on, and goes with them.
    /// <inheritdoc/>
    public Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel) => below.Put(Require(key), content, cancel);

    /// <inheritdoc/>
    public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) =>
        below.Append(Require(key), offset, content, cancel);

    /// <inheritdoc/>
    public Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel) => below.GrowingLength(Require(key), cancel);

    /// <inheritdoc/>
    public async Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel)
    {
        try
        {
            return await below.Seal(Require(key), cancel);
        }
        catch (FileNotFoundException) when (key.AsRaw() is not null)
        {
            // It was sealed before, and compressed since: only its bytes tell what they are.
            await using var whole = await Compressed(key, cancel);
            if (whole is null)
                throw;
            return new SealedObject(key, whole.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, cancel)));
        }
    }

    /// <inheritdoc/>
    public async Task<Stream?> Open(ObjectKey key, CancellationToken cancel) =>
        key.AsRaw() is null ? await below.Open(Require(key), cancel)
        : await below.Open(key, cancel) is { } asItCame ? new SwitchingStream(asItCame, async stop => await Compressed(key, stop))
        : await Compressed(key, cancel);

    /// <inheritdoc/>
    public async Task Delete(ObjectKey key, CancellationToken cancel)
    {
        await below.Delete(Require(key), cancel);
        if (key.AsRaw() is not null)
            await below.Delete(Other(key), cancel);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return await below.DeleteUnchanged(seen with { Key = Require(seen.Key) }, cancel)
            || (seen.Key.AsRaw() is not null && await below.DeleteUnchanged(seen with { Key = Other(seen.Key) }, cancel));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> List(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var one in below.List(prefix, cancel))
            yield return one.Key.Value.EndsWith(Mark, StringComparison.Ordinal) ? one with { Key = new(one.Key.Value[..^Mark.Length]) } : one;
    }

    /// <inheritdoc/>
    public async Task<CompressedForm?> Prepare(AccountId owner, ObjectKey key, string? sha256, CancellationToken cancel)
    {
        if (key.AsRaw() is null)
            throw new ArgumentException("Only original bytes are compressed.", nameof(key));
        await using var asItCame = await below.Open(key, cancel);
        if (asItCame is null)
        {
            await using var former = await Compressed(key, cancel);
            return former is null ? null : new CompressedForm(former.Length, former.StoredBytes);
        }

        if (asItCame.Length < LeastBytes || !await Worth.Looks(asItCame, cancel))
            return null;
        asItCame.Position = 0;
        var plainBytes = asItCame.Length;
        await using var smaller = new CompressingStream(asItCame, sha256);
        try
        {
            await below.OwnedBy(owner).Put(Other(key), smaller, cancel);
        }
        catch (NotWorthItException)
        {
            return null;
        }

        KillPoint.Reach("compression.stored");
        if (await ReadsBackAs(key, smaller.Sha256, cancel))
            return new CompressedForm(plainBytes, smaller.StoredBytes);
        await Withdraw(key, cancel);
        throw new ObjectDamagedException("A compressed object did not come back as it was given to the store.");
    }

    /// <inheritdoc/>
    public async Task Switch(ObjectKey key, CancellationToken cancel)
    {
        await using var whole = await Compressed(key, cancel);
        if (whole is not null)
            await below.Delete(key, cancel);
    }

    private static ObjectKey Require(ObjectKey key) => key.Value?.EndsWith(Mark, StringComparison.Ordinal) == true
        ? throw new ArgumentException($"No key ends with {Mark}.", nameof(key))
        : key;

    private static ObjectKey Other(ObjectKey key) => new(key.Value + Mark);

    private async Task<DecodedStream?> Compressed(ObjectKey key, CancellationToken cancel) =>
        await below.Open(Other(key), cancel) is { } there ? await DecodedStream.Of(there, cancel) : null;

    private async Task<bool> ReadsBackAs(ObjectKey key, string? sha256, CancellationToken cancel)
    {
        try
        {
            await using var whole = await Compressed(key, cancel);
            return whole is not null && Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, cancel)) == sha256;
        }
        catch (Exception broken) when (ObjectReading.IsOfTheObject(broken))
        {
            return false;
        }
    }

    // Unless another worker has made it the only form meanwhile.
    private async Task Withdraw(ObjectKey key, CancellationToken cancel)
    {
        await using var asItCame = await below.Open(key, cancel);
        if (asItCame is not null)
            await below.Delete(Other(key), cancel);
    }
}
