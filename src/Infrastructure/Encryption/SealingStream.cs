using System.Buffers;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// What is to be stored of a content: encrypted as it is read, with two buffers of a segment, and digested on the way.
/// </summary>
internal sealed class SealingStream : OneWayStream
{
    // A slow sender's bytes are on record now and then, however few they are.
    private static readonly TimeSpan LongestPiece = TimeSpan.FromSeconds(10);

    private readonly ObjectCipher cipher;
    private readonly Stream content;
    private readonly long first;
    private readonly ResumableSha256 digest;
    private readonly long? piece;
    private readonly long begunAt = Stopwatch.GetTimestamp();
    private readonly byte[] plain = ArrayPool<byte>.Shared.Rent(PlainBytes + 1);
    private readonly byte[] sealing = ArrayPool<byte>.Shared.Rent(SlotBytes);
    private CancellationToken stop;
    private int filled;
    private bool isOver;
    private bool isDisposed;
    private (int At, int End) ready;

    /// <summary>Reads the content when it is read itself.</summary>
    /// <param name="first">The number of the first segment.</param>
    /// <param name="begun">Plain bytes that go before the content, fewer than a segment takes; the digest has them already.</param>
    /// <param name="digest">Gets every byte that comes.</param>
    /// <param name="piece">
    /// How many segments at most, of an object that goes on after this: then only whole segments are made, what is too little
    /// for one is left, and a content that breaks is one that ends. Null: the content is all, and its last segment is marked.
    /// </param>
    public SealingStream(
        ObjectCipher cipher, Stream content, long first, ReadOnlyMemory<byte> begun, ResumableSha256 digest, long? piece)
    {
        (this.cipher, this.content, this.first, this.digest, this.piece) = (cipher, content, first, digest, piece);
        begun.CopyTo(plain);
        filled = begun.Length;
    }

    /// <summary>How many plain bytes came of the content.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>How many segments were made.</summary>
    public long Segments { get; private set; }

    /// <summary>Whether the content has nothing more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>How the content of a piece broke off, if it did.</summary>
    public ExceptionDispatchInfo? Broken { get; private set; }

    /// <summary>Plain bytes that came and are in no segment of this piece.</summary>
    public ReadOnlyMemory<byte> Left => plain.AsMemory(0, filled);

    /// <summary>Reads as much as the first segment of a piece takes.</summary>
    /// <param name="cancel">Ends the content, also later: what came until then is stored, whatever becomes of the request.</param>
    /// <returns>False when there is no whole one.</returns>
    public async ValueTask<bool> Prepare(CancellationToken cancel)
    {
        stop = cancel;
        if (ready.At == ready.End && !isOver)
            ready = (0, await Next(sealing, cancel));
        return ready.At < ready.End;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0)
            return 0;
        if (ready.At == ready.End)
        {
            if (isOver)
                return 0;
            if (buffer.Length >= SlotBytes)
                return await Next(buffer, cancellationToken);
            ready = (0, await Next(sealing, cancellationToken));
        }

        var count = Math.Min(buffer.Length, ready.End - ready.At);
        sealing.AsMemory(ready.At, count).CopyTo(buffer);
        ready.At += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            // Plain bytes do not wait in the pool for whoever comes next.
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(sealing);
        }

        base.Dispose(disposing);
    }

    // One byte more than a segment takes shows that it is not the last.
    private async ValueTask<int> Next(Memory<byte> to, CancellationToken cancel)
    {
        var segment = first + Segments;
        var capacity = Capacity(segment);
        await Fill(capacity + 1, cancel);
        var isLast = filled <= capacity;
        if (isLast && piece is not null)
        {
            isOver = true;
            return 0;
        }

        var bytes = Math.Min(filled, capacity);
        var header = segment == 0 ? ObjectHeader.Bytes : 0;
        if (header > 0)
            cipher.Header.ToBytes().CopyTo(to);
        cipher.Seal(segment, isLast, plain.AsSpan(0, bytes), to.Span.Slice(header, bytes + OverheadBytes));
        filled -= bytes;
        plain[0] = plain[bytes];
        Segments++;
        isOver = isLast || Segments == piece || (piece is not null && Stopwatch.GetElapsedTime(begunAt) > LongestPiece);
        return header + bytes + OverheadBytes;
    }

    private async ValueTask Fill(int size, CancellationToken cancel)
    {
        while (filled < size && !HasEnded)
        {
            int read;
            try
            {
                read = await content.ReadAsync(plain.AsMemory(filled, size - filled), piece is null ? cancel : stop);
            }
            catch (Exception broken) when (piece is not null)
            {
                (HasEnded, Broken) = (true, ExceptionDispatchInfo.Capture(broken));
                return;
            }

            HasEnded = read == 0;
            digest.Append(plain.AsSpan(filled, read));
            filled += read;
            TakenBytes += read;
        }
    }
}
