using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// A sealed object's bytes, block by block: none is handed out before it was compared with what was stored, and none of
/// another object's, since every request asks for the tag. A broken answer is asked for again from where it broke; what
/// cannot be had is an exception, never an early end.
/// </summary>
internal sealed class S3Content : SeekableContent
{
    private const int Tries = 4;
    private const int LargestWindow = 16 << 20;
    private const int SmallestWindow = 2 << 20;

    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    private readonly S3Calls calls;
    private readonly string name;
    private readonly SealedRow row;
    private readonly byte[] block;
    private long loaded = -1;
    private GetObjectResponse? window;
    private long windowAt;
    private long windowEnd;
    private long windowBytes = BlockChecksums.BlockBytes;
    private bool isDisposed;

    private S3Content(S3Calls calls, string name, SealedRow row)
    {
        (this.calls, this.name, this.row) = (calls, name, row);
        block = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockChecksums.BlockBytes, Math.Max(row.SizeBytes, 1)));
    }

    public override bool CanRead => !isDisposed;

    public override bool CanSeek => !isDisposed;

    public override long Length => row.SizeBytes;

    /// <summary>Opens an object and reads its first block: for most objects that is all, in one request.</summary>
    /// <returns>Null when it is not in the bucket.</returns>
    public static async Task<S3Content?> Open(S3Calls calls, string name, SealedRow row, CancellationToken cancel)
    {
        if (row.SizeBytes == 0)
            return await calls.Find(name, cancel) is null ? null : new S3Content(calls, name, row);
        var content = new S3Content(calls, name, row);
        try
        {
            await content.Load(0, cancel);
            return content;
        }
        catch (AmazonS3Exception missing) when (S3Faults.IsMissing(missing))
        {
            await content.DisposeAsync();
            return null;
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        if (Position / BlockChecksums.BlockBytes != loaded)
        {
            try
            {
                await Load(Position / BlockChecksums.BlockBytes, cancellationToken);
            }
            catch (AmazonS3Exception gone) when (S3Faults.IsMissing(gone))
            {
                throw new IOException("The object was deleted while it was read.", gone);
            }
        }

        return Copy(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        if (Position / BlockChecksums.BlockBytes == loaded)
            return Copy(buffer);
        var bytes = new byte[Math.Min(buffer.Length, BlockChecksums.BlockBytes)];
        var read = Wait(ReadAsync(bytes).AsTask());
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            CloseWindow();
            ArrayPool<byte>.Shared.Return(block);
        }

        base.Dispose(disposing);
    }

    private int Copy(Span<byte> buffer)
    {
        var at = (int)(Position % BlockChecksums.BlockBytes);
        var count = Math.Min(buffer.Length, BytesOf(loaded) - at);
        block.AsSpan(at, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    private int BytesOf(long number) => (int)Math.Min(BlockChecksums.BlockBytes, Length - (number * BlockChecksums.BlockBytes));

    private async Task Load(long number, CancellationToken cancel)
    {
        loaded = -1;
        var bytes = block.AsMemory(0, BytesOf(number));
        for (var failures = 1; ; failures++)
        {
            var reply = await WindowAt(number * BlockChecksums.BlockBytes, cancel);
            Exception? failure = null;
            try
            {
                using var limit = calls.Limit(cancel);
                await reply.ResponseStream.ReadExactlyAsync(bytes, limit.Token);
            }
            catch (Exception broken) when (!cancel.IsCancellationRequested)
            {
                failure = broken;
            }

            if (failure is null && BlockChecksums.Matches(row.Checks, number, bytes.Span))
            {
                windowAt += bytes.Length;
                loaded = number;
                return;
            }

            CloseWindow();
            if (failures == Tries)
            {
                throw failure is null
                    ? new ObjectDamagedException($"The bytes of the object from {number * BlockChecksums.BlockBytes} on are not those that were stored.")
                    : calls.Unreachable(failure);
            }

            await Task.Delay(Waits.After(failures), cancel);
        }
    }

    // Small at first, since many readers want only the beginning or one range, and then larger, so that a long read needs
    // few requests and a reader that stops has caused little for nothing.
    private async Task<GetObjectResponse> WindowAt(long position, CancellationToken cancel)
    {
        if (window is not null && windowAt == position && position < windowEnd)
            return window;
        windowBytes = position > 0 && position == windowEnd
            ? Math.Clamp(windowBytes * 2, SmallestWindow, LargestWindow)
            : BlockChecksums.BlockBytes;
        CloseWindow();
        var end = Math.Min(position + windowBytes, Length);
        try
        {
            window = await calls.Get(name, row.ETag, position, end, cancel);
        }
        catch (AmazonS3Exception other) when (S3Faults.IsConditionFailed(other) || S3Faults.IsBeyondEnd(other))
        {
            throw new ObjectDamagedException("The bucket holds other bytes under the object's name than were stored.", other);
        }

        (windowAt, windowEnd) = (position, end);
        return window;
    }

    private void CloseWindow()
    {
        window?.Dispose();
        window = null;
    }
}
