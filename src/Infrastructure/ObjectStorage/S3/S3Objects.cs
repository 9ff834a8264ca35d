using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Objects in a bucket. A write gets a name of its own, announced in the database before anything is sent; readers see it
/// when the database says so. So a put replaces in one step, and what arrives late, or of a dead process, changes nothing.
/// </summary>
internal sealed partial class S3Objects(
    S3Calls calls, S3Names names, S3Bucket bucket, ObjectRows rows, S3Growing growing, S3Listing listing, S3Removal removal,
    ILogger<S3Objects> log) : IObjects
{
    private const int OpenTries = 4;
    private static readonly Backoff OpenWaits = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500));

    /// <inheritdoc/>
    public async Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel)
    {
        await Ready(key, cancel);
        var put = new S3Put(calls, names, rows, key, cancel);
        try
        {
            var (stored, replaced) = await put.Run(content);
            await Forget(key, replaced, put);
            return stored;
        }
        catch when (put.IsAnnounced)
        {
            await GiveUp(key, put.Write);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel)
    {
        await Ready(key, cancel);
        return await growing.Append(key, offset, content, cancel);
    }

    /// <inheritdoc/>
    public async Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel)
    {
        await Ready(key, cancel);
        return await rows.GrowingLength(key, cancel);
    }

    /// <inheritdoc/>
    public async Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel)
    {
        await Ready(key, cancel);
        return await growing.Seal(key, cancel);
    }

    // A server that does not find what it has stored a moment ago is asked again before anybody is told that it is gone.
    /// <inheritdoc/>
    public async Task<Stream?> Open(ObjectKey key, CancellationToken cancel)
    {
        await Ready(key, cancel);
        for (var tries = 1; await rows.Sealed(key, cancel) is { } row; tries++)
        {
            if (await S3Content.Open(calls, names.Of(key, row.Write, row.Piece), row, cancel) is { } content)
                return content;
            if (tries == OpenTries)
                break;
            await Task.Delay(OpenWaits.After(tries), cancel);
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task Delete(ObjectKey key, CancellationToken cancel)
    {
        await Ready(key, cancel);
        var doomed = await rows.Doom(key, cancel);
        foreach (var former in await rows.DoomedOf(key, cancel))
        {
            // One whose put or deletion failed: its row stays until nothing of it can arrive any more.
            if (!doomed.Contains(former))
                await removal.Bytes(former, cancel);
        }

        await removal.Remove(doomed, cancel);
        await foreach (var stranger in listing.Unknown(key, cancel))
            await calls.Delete(stranger.Name, cancel);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel)
    {
        await Ready(seen.Key, cancel);
        var doomed = await rows.Doom(seen, cancel);
        await removal.Remove(doomed, cancel);
        if (doomed.Count > 0)
            return true;
        var isRemoved = false;
        await foreach (var stranger in listing.Unknown(seen.Key, cancel))
        {
            if ((stranger.SizeBytes, stranger.ModifiedAt) != (seen.SizeBytes, seen.StoredAt))
                continue;
            await calls.Delete(stranger.Name, cancel);
            isRemoved = true;
        }

        return isRemoved;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> List(
        string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await bucket.Ready(cancel);
        await foreach (var one in listing.List(prefix, cancel))
            yield return one;
    }

    private Task Ready(ObjectKey key, CancellationToken cancel)
    {
        ObjectPath.Require(key);
        return bucket.Ready(cancel);
    }

    // The row stays until nothing of the write can arrive any more: a request that nobody waits for may still be on its way.
    private async Task GiveUp(ObjectKey key, Guid write)
    {
        using var limit = calls.Limit(CancellationToken.None);
        try
        {
            // Unless it was published, and only the word of it was lost.
            if (await rows.GiveUp(write, limit.Token))
                await removal.Bytes(new DoomedRow(write, key, IsLarge: true), limit.Token);
        }
        catch (Exception failure)
        {
            LeftOver(log, failure, key);
        }
    }

    private async Task Forget(ObjectKey key, IReadOnlyList<Guid> replaced, S3Put put)
    {
        using var limit = calls.Limit(CancellationToken.None);
        try
        {
            if (put.IsLarge)
                await removal.Tidy(put.Write, key, 0, limit.Token);
            await removal.Remove([.. replaced.Select(one => new DoomedRow(one, key, IsLarge: true))], limit.Token);
        }
        catch (Exception failure)
        {
            LeftOver(log, failure, key);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Bytes of {Key} are left over in the bucket and go later")]
    private static partial void LeftOver(ILogger log, Exception why, ObjectKey key);
}
