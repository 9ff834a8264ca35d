namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Bytes that are handed out as long as somebody may have them: while it is read, that is asked again and again, and from
/// the first no on reading fails, so that a reply breaks off and is not mistaken for the whole.
/// </summary>
/// <param name="inner">Seekable; disposed of with this one.</param>
/// <param name="mayGoOn">Asked before a read when <see cref="AskEvery"/> has passed since it was asked last.</param>
public sealed class WatchedStream(Stream inner, Func<CancellationToken, Task<bool>> mayGoOn, TimeProvider clock) : Stream
{
    /// <summary>For so long, and what is under way to the client, bytes may flow that were taken back.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private long askedAt = clock.GetTimestamp();

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <summary>Reads on, when that is still allowed.</summary>
    /// <exception cref="IOException">They may not have it any more.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (clock.GetElapsedTime(askedAt) >= AskEvery)
        {
            if (!await mayGoOn(cancellationToken))
                throw new IOException("Whoever reads this may not have it any more.");
            askedAt = clock.GetTimestamp();
        }

        return await inner.ReadAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
