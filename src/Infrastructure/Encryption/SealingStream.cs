using System.Buffers;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using EventFiles.Infrastructure.ObjectStorage.S3;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// What is to be stored of a content: encrypted as it is read, with two buffers of a segment, and digested on the way.
/// </summary>
internal sealed class SealingStream : OneWayStream
{
    private readonly ObjectCipher cipher;
    private readonly Stream? whole;
    private readonly ResumableSha256 digest;
    private readonly Piece? piece;
    private readonly byte[] plain = ArrayPool<byte>.Shared.Rent(PlainBytes + 1);
    private readonly byte[] sealing = ArrayPool<byte>.Shared.Rent(SlotBytes);
    private long first;
    private long begunAt;
    private int filled;
    private bool isOver;
    private bool isDisposed;
    private (int At, int End) ready;

    /// <summary>Of a whole content, whose last segment is marked. Reads it when it is read itself.</summary>
    /// <param name="digest">Gets every byte that comes.</param>
    public SealingStream(ObjectCipher cipher, Stream content, ResumableSha256 digest) =>
        (this.cipher, whole, this.digest) = (cipher, content, digest);

    /// <summary>Of the rest of an object that grew, whose last segment is marked.</summary>
    /// <param name="first">The number of the first segment.</param>
    /// <param name="begun">All plain bytes, fewer than a segment takes.</param>
    public SealingStream(ObjectCipher cipher, long first, ReadOnlyMemory<byte> begun)
        : this(cipher, Null, new ResumableSha256()) => Begin(first, begun);

    /// <summary>
    /// Of a piece of an object that goes on after it. Only whole segments are made, what is too little for one is left, and a
    /// content that breaks is one that ends.
    /// </summary>
    /// <param name="begun">Plain bytes that go before the content, fewer than a segment takes; the digest has them already.</param>
    public SealingStream(ObjectCipher cipher, Piece piece, long first, ReadOnlyMemory<byte> begun, ResumableSha256 digest)
    {
        (this.cipher, this.piece, this.digest) = (cipher, piece, digest);
        Begin(first, begun);
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

    // Since something came.
    private TimeSpan? Elapsed => TakenBytes == 0 ? null : Stopwatch.GetElapsedTime(begunAt);

    /// <summary>Reads as much as the first segment of a piece takes.</summary>
    /// <returns>False when there is no whole one.</returns>
    public async ValueTask<bool> Prepare()
    {
        if (ready.At == ready.End && !isOver)
            ready = (0, await Next(sealing, CancellationToken.None));
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
        isOver = isLast || Segments == piece?.Segments || Elapsed > piece?.Often;
        return header + bytes + OverheadBytes;
    }

    private async ValueTask Fill(int size, CancellationToken cancel)
    {
        while (filled < size && !HasEnded && !(Elapsed > piece?.Longest))
        {
            int? read;
            try
            {
                var room = plain.AsMemory(filled, size - filled);
                read = piece is null
                    ? await whole!.ReadAsync(room, cancel)
                    : await piece.Content.Read(room, Elapsed is { } elapsed ? Later(piece.Longest - elapsed) : Timeout.InfiniteTimeSpan);
            }
            catch (Exception broken) when (piece is not null)
            {
                (HasEnded, Broken) = (true, ExceptionDispatchInfo.Capture(broken));
                return;
            }

            if (read is not { } bytes)
                return;
            if (TakenBytes == 0)
                begunAt = Stopwatch.GetTimestamp();
            HasEnded = bytes == 0;
            digest.Append(plain.AsSpan(filled, bytes));
            filled += bytes;
            TakenBytes += bytes;
        }
    }

    private static TimeSpan Later(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private void Begin(long number, ReadOnlyMemory<byte> begun)
    {
        first = number;
        begun.CopyTo(plain);
        filled = begun.Length;
    }
}

/// <summary>How much of an object that grows is stored before it is on record.</summary>
/// <param name="Content">What comes.</param>
/// <param name="Segments">At most so many.</param>
/// <param name="Often">After so long it ends with the next segment.</param>
internal sealed record Piece(ArrivingContent Content, long Segments, TimeSpan Often)
{
    /// <summary>After so long it ends wherever it is, unless nothing came.</summary>
    public TimeSpan Longest => 2 * Often;
}
