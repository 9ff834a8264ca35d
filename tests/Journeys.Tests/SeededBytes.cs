using System.Net;
using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

/// <summary>Bytes of any number that follow from a seed, so that nobody needs to keep them.</summary>
internal sealed class SeededBytes(int seed, long length)
{
    private const int BlockBytes = 64 << 10;

    public long Length => length;

    /// <summary>The bytes from one place to another, in pieces; a piece is good until the next one is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Read(long from, long to)
    {
        var block = new byte[BlockBytes];
        for (var at = from; at < to;)
        {
            var number = at / BlockBytes;
            new Random(SeedOf(number)).NextBytes(block);
            var (start, end) = ((int)(at % BlockBytes), (int)Math.Min(BlockBytes, to - number * BlockBytes));
            yield return block.AsMemory(start, end - start);
            at += end - start;
        }
    }

    public byte[] Sha256(long from, long to)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in Read(from, to))
            digest.AppendData(piece.Span);
        return digest.GetHashAndReset();
    }

    /// <summary>Whether a stream holds these bytes, no other, and none besides.</summary>
    public async Task<bool> IsIn(Stream stream)
    {
        var buffer = new byte[BlockBytes];
        foreach (var piece in Read(0, length))
        {
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, piece.Length), piece.Length, throwOnEndOfStream: false);
            if (!piece.Span.SequenceEqual(buffer.AsSpan(0, read)))
                return false;
        }

        return await stream.ReadAsync(buffer) == 0;
    }

    // Other than the platform's own, the same in every process.
    private int SeedOf(long block) => unchecked((int)((((ulong)seed * 0x9E3779B97F4A7C15UL) ^ ((ulong)block * 0xC2B2AE3D27D4EB4FUL)) >> 17));
}

/// <summary>A body of such bytes, which may break at some place.</summary>
/// <param name="breaksAt">How many bytes go out before; null for all.</param>
/// <param name="interrupt">What happens there, before the body breaks.</param>
internal sealed class SeededContent(SeededBytes bytes, long from, long to, bool saysLength, long? breaksAt, Func<Task> interrupt) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var piece in bytes.Read(from, breaksAt is { } at ? Math.Min(to, from + at) : to))
            await stream.WriteAsync(piece);
        if (breaksAt is null)
            return;
        await stream.FlushAsync();
        await interrupt();
        throw new IOException("The line broke.");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = to - from;
        return saysLength;
    }
}
