using System.Buffers;
using System.Security.Cryptography;
using static EventFiles.Infrastructure.Compression.BlockFormat;

namespace EventFiles.Infrastructure.Compression;

/// <summary>
/// What is to be stored of an object that is there: compressed as it is read, block by block, and digested on the way. It
/// breaks off before its end when the plain bytes are not what they must be or when it does not pay, so that nothing of it
/// can be taken for a whole.
/// </summary>
internal sealed class CompressingStream : OneWayStream
{
    private readonly Stream content;
    private readonly long plainBytes;
    private readonly string? sha256;
    private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Block> blocks = [];
    private readonly byte[] plain = ArrayPool<byte>.Shared.Rent(PlainBytes);
    private readonly byte[] packed = ArrayPool<byte>.Shared.Rent(PlainBytes);
    private readonly byte[] check = ArrayPool<byte>.Shared.Rent(PlainBytes);
    private ReadOnlyMemory<byte> ready;
    private long takenBytes;
    private bool isOver;
    private bool isDisposed;

    /// <summary>Over bytes that are there.</summary>
    /// <param name="content">All plain bytes, from the first; is not disposed.</param>
    /// <param name="sha256">What they must be; null when nobody knows.</param>
    public CompressingStream(Stream content, string? sha256)
    {
        (this.content, this.sha256, plainBytes) = (content, sha256, content.Length);
        ready = Header(plainBytes);
        StoredBytes = ready.Length;
    }

    /// <summary>How much was made so far.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Lower-case hex over the plain bytes; null before the end.</summary>
    public string? Sha256 { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (ready.IsEmpty && !isOver)
        {
            ready = await Next(cancellationToken);
            StoredBytes += ready.Length;
        }

        var count = Math.Min(buffer.Length, ready.Length);
        ready[..count].CopyTo(buffer);
        ready = ready[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            digest.Dispose();
            // Content does not wait in the pool for whoever comes next.
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(packed, clearArray: true);
            ArrayPool<byte>.Shared.Return(check, clearArray: true);
        }

        base.Dispose(disposing);
    }

    private async ValueTask<ReadOnlyMemory<byte>> Next(CancellationToken cancel)
    {
        var bytes = (int)Math.Min(PlainBytes, plainBytes - takenBytes);
        if (bytes == 0)
            return End();
        await content.ReadExactlyAsync(plain.AsMemory(0, bytes), cancel);
        digest.AppendData(plain, 0, bytes);
        takenBytes += bytes;
        var block = BlockCodec.Compress(plain.AsSpan(0, bytes), packed, check);
        blocks.Add(block);
        return packed.AsMemory(0, block.StoredBytes);
    }

    private byte[] End()
    {
        isOver = true;
        Sha256 = Convert.ToHexStringLower(digest.GetCurrentHash());
        if (sha256 is not null && sha256 != Sha256)
            throw new ObjectDamagedException("An object that was to be compressed is not as it was stored.");
        var list = List(blocks);
        return Worth.It(plainBytes, StoredBytes + list.Length) ? list : throw new NotWorthItException();
    }
}
