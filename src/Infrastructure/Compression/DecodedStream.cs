using System.Buffers;
using EventFiles.Infrastructure.ObjectStorage;
using static EventFiles.Infrastructure.Compression.BlockFormat;

namespace EventFiles.Infrastructure.Compression;

/// <summary>
/// The plain bytes of a compressed object, from anywhere: a range reads the blocks that it touches and no others. No byte of
/// a block is handed out before it was compared with its sum.
/// </summary>
internal sealed class DecodedStream : SeekableContent
{
    private readonly Stream stored;
    private readonly int blockBytes;
    private readonly long[] starts;
    private readonly Block[] blocks;
    private readonly byte[] plain;
    private readonly byte[] packed;
    private long decoded = -1;
    private bool isDisposed;

    private DecodedStream(Stream stored, long plainBytes, int blockBytes, (long[] Starts, Block[] Blocks) list)
    {
        (this.stored, this.blockBytes, starts, blocks, Length) = (stored, blockBytes, list.Starts, list.Blocks, plainBytes);
        plain = ArrayPool<byte>.Shared.Rent(blockBytes);
        packed = ArrayPool<byte>.Shared.Rent(blockBytes);
    }

    public override bool CanRead => !isDisposed;

    public override bool CanSeek => !isDisposed;

    public override long Length { get; }

    /// <summary>What it takes up in the store.</summary>
    public long StoredBytes => stored.Length;

    /// <summary>Reads the head and the list. Takes the stream over, also when it fails.</summary>
    /// <exception cref="ObjectDamagedException">They are not as they were written.</exception>
    public static async Task<DecodedStream> Of(Stream stored, CancellationToken cancel)
    {
        try
        {
            if (stored.Length < HeaderBytes + EndBytes)
                throw new ObjectDamagedException("A compressed object ends too early.");
            var header = new byte[HeaderBytes];
            await ReadAt(stored, 0, header, cancel);
            var (plainBytes, blockBytes) = ReadHeader(header, stored.Length);
            var list = new byte[(Blocks(plainBytes, blockBytes) * EntryBytes) + EndBytes];
            await ReadAt(stored, stored.Length - list.Length, list, cancel);
            return new DecodedStream(stored, plainBytes, blockBytes, ReadList(list, plainBytes, blockBytes, stored.Length));
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        var block = Position / blockBytes;
        if (block != decoded)
            await Decode(block, cancellationToken);
        return Copy(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        if (Position / blockBytes is var block && block != decoded)
            _ = Wait(Decode(block, CancellationToken.None));
        return Copy(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            stored.Dispose();
            // Content does not wait in the pool for whoever comes next.
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(packed, clearArray: true);
        }

        base.Dispose(disposing);
    }

    private static async Task ReadAt(Stream stored, long position, Memory<byte> to, CancellationToken cancel)
    {
        if (stored.Position != position)
            stored.Position = position;
        if (await stored.ReadAtLeastAsync(to, to.Length, throwOnEndOfStream: false, cancel) < to.Length)
            throw new ObjectDamagedException("A compressed object ends too early.");
    }

    private int Copy(Span<byte> buffer)
    {
        var at = (int)(Position - (decoded * blockBytes));
        var count = Math.Min(buffer.Length, BytesOf(decoded) - at);
        plain.AsSpan(at, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    private async Task<long> Decode(long block, CancellationToken cancel)
    {
        decoded = -1;
        var raw = packed.AsMemory(0, blocks[block].StoredBytes);
        await ReadAt(stored, starts[block], raw, cancel);
        BlockCodec.Decode(blocks[block], raw.Span, plain.AsSpan(0, BytesOf(block)));
        return decoded = block;
    }

    private int BytesOf(long block) => (int)Math.Min(blockBytes, Length - (block * blockBytes));
}
