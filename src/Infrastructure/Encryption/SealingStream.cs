using System.Buffers;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using EventFiles.Infrastructure.ObjectStorage.S3;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// What is to be stored of a content: encrypted as it is read, with two buffers of a segment, and digested on the way. The
/// buffers are as large as what has come: a thousand slow clients are waited for at once.
/// </summary>
internal sealed class SealingStream : OneWayStream
{
    private const int FewBytes = 4 * 1024;
    private const int MuchBytes = PlainBytes + 1;

    private readonly ObjectCipher cipher;
    private readonly Stream? whole;
    private readonly ResumableSha256 digest;
    private readonly Piece? piece;
    private byte[] plain = ArrayPool<byte>.Shared.Rent(FewBytes);
    private byte[]? sealing;
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
        if (ready.At == ready.End && await Gather(CancellationToken.None))
            Keep();
        return ready.At < ready.End;
    }

    public override async ValueTask Ready(CancellationToken cancel)
    {
        if (ready.At == ready.End)
            await Gather(cancel);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0)
            return 0;
        if (ready.At == ready.End)
        {
            if (!await Gather(cancellationToken))
                return 0;
            if (buffer.Length >= SlotBytes)
                return Seal(buffer);
            Keep();
        }

        var count = Math.Min(buffer.Length, ready.End - ready.At);
        sealing.AsMemory(ready.At, count).CopyTo(buffer);
        ready.At += count;
        if (ready.At == ready.End)
            Drained();
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            // Plain bytes do not wait in the pool for whoever comes next.
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            Drained();
        }

        base.Dispose(disposing);
    }

    // Whether there is a segment to be made. One byte more than it takes shows that it is not the last.
    private async ValueTask<bool> Gather(CancellationToken cancel)
    {
        if (isOver)
            return false;
        var capacity = Capacity(first + Segments);
        await Fill(capacity + 1, cancel);
        isOver = piece is not null && filled <= capacity;
        return !isOver;
    }

    private void Keep() => ready = (0, Seal(sealing ??= ArrayPool<byte>.Shared.Rent(SlotBytes)));

    private void Drained()
    {
        if (sealing is not null)
            ArrayPool<byte>.Shared.Return(sealing);
        sealing = null;
    }

    private int Seal(Memory<byte> to)
    {
        var segment = first + Segments;
        var capacity = Capacity(segment);
        var isLast = filled <= capacity;
        var bytes = Math.Min(filled, capacity);
        var header = segment == 0 ? ObjectHeader.Bytes : 0;
        if (header > 0)
            cipher.Header.ToBytes().CopyTo(to);
        cipher.Seal(segment, isLast, plain.AsSpan(0, bytes), to.Span.Slice(header, bytes + OverheadBytes));
        filled -= bytes;
        if (!isLast)
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
                var room = Room(size);
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

    // Where the next bytes go; grows with what has come.
    private Memory<byte> Room(int size)
    {
        if (filled == plain.Length)
            Rent(Math.Min(4 * filled, MuchBytes));
        return plain.AsMemory(filled, Math.Min(size, plain.Length) - filled);
    }

    private void Rent(int bytes)
    {
        var former = plain;
        plain = ArrayPool<byte>.Shared.Rent(bytes);
        former.CopyTo(plain, 0);
        // Plain bytes do not wait in the pool for whoever comes next.
        ArrayPool<byte>.Shared.Return(former, clearArray: true);
    }

    private static TimeSpan Later(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private void Begin(long number, ReadOnlyMemory<byte> begun)
    {
        (first, filled) = (number, begun.Length);
        if (filled > plain.Length)
            Rent(filled);
        begun.CopyTo(plain);
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
