using System.Buffers;
using EventFiles.Infrastructure.ObjectStorage;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// The plain bytes of a stored object. Only segments that are asked for are read and decrypted, and nothing of one is handed
/// out before all of it was found to be what was written.
/// </summary>
internal sealed class OpenedStream : SeekableContent
{
    private const int MostAtOnce = 4;

    private readonly Stream stored;
    private readonly ObjectCipher cipher;
    private readonly ObjectLayout layout;
    private readonly byte[] plain;
    private readonly byte[] raw;
    private long opened = -1;
    private (long First, long End) here;
    private bool isDisposed;

    private OpenedStream(Stream stored, ObjectCipher cipher, ObjectLayout layout)
    {
        (this.stored, this.cipher, this.layout) = (stored, cipher, layout);
        plain = ArrayPool<byte>.Shared.Rent((int)Math.Min(PlainBytes, layout.Plain));
        raw = ArrayPool<byte>.Shared.Rent((int)Math.Min(MostAtOnce * SlotBytes, Stored(layout.Plain)));
    }

    public override bool CanRead => !isDisposed;

    public override bool CanSeek => !isDisposed;

    public override long Length => layout.Plain;

    /// <summary>Opens an object and its first segment. Disposes of both on any failure.</summary>
    /// <exception cref="ObjectDamagedException">It is not as it was written.</exception>
    public static async Task<OpenedStream> Of(Stream stored, ObjectCipher cipher, ObjectKey key, CancellationToken cancel)
    {
        OpenedStream? opening = null;
        try
        {
            opening = new OpenedStream(stored, cipher, await ObjectLayout.Of(stored, cipher, key, cancel));
            await opening.Open(0, cancel);
            return opening;
        }
        catch
        {
            if (opening is not null)
                await opening.DisposeAsync();
            else
                await stored.DisposeAsync();
            cipher.Dispose();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        var segment = At(Position);
        if (segment != opened)
        {
            var bytes = layout.BytesOf(segment);
            if (Position == Start(segment) && buffer.Length >= bytes)
            {
                Decrypt(segment, await Load(segment, cancellationToken), buffer[..bytes]);
                Position += bytes;
                return bytes;
            }

            await Open(segment, cancellationToken);
        }

        return Copy(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        if (At(Position) != opened)
            _ = Wait(Open(At(Position), CancellationToken.None));
        return Copy(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            stored.Dispose();
            cipher.Dispose();
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(raw);
        }

        base.Dispose(disposing);
    }

    private int Copy(Span<byte> buffer)
    {
        var at = (int)(Position - Start(opened));
        var count = Math.Min(buffer.Length, layout.BytesOf(opened) - at);
        plain.AsSpan(at, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    private async Task<long> Open(long segment, CancellationToken cancel)
    {
        opened = -1;
        Decrypt(segment, await Load(segment, cancel), plain.AsMemory(0, layout.BytesOf(segment)));
        return opened = segment;
    }

    private void Decrypt(long segment, ReadOnlyMemory<byte> from, Memory<byte> to) =>
        cipher.Open(segment, segment == layout.Last, from.Span, to.Span);

    // One at first, since many readers want a beginning or a short range, and more when they go on.
    private async ValueTask<ReadOnlyMemory<byte>> Load(long segment, CancellationToken cancel)
    {
        if (segment < here.First || segment >= here.End)
        {
            var (at, inARow) = layout.Find(segment);
            var count = Math.Min(segment == here.End && segment > 0 ? MostAtOnce : 1, inARow);
            var last = segment + count - 1;
            var bytes = (int)((count - 1) * SlotBytes) + SizeOf(last);
            here = default;
            await ObjectLayout.ReadAt(stored, at, raw.AsMemory(0, bytes), cancel);
            here = (segment, segment + count);
        }

        var header = segment == 0 ? ObjectHeader.Bytes : 0;
        return raw.AsMemory((int)(segment - here.First) * SlotBytes, SizeOf(segment))[header..];
    }

    private int SizeOf(long segment) => OverheadBytes + layout.BytesOf(segment) + (segment == 0 ? ObjectHeader.Bytes : 0);
}
