using System.Buffers.Binary;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// CRC-32C of every 256 KiB of an object. A reader gets no byte whose block was not compared; a whole object's digest would
/// say so only at the end, when the bytes are gone.
/// </summary>
internal sealed class BlockChecksums
{
    public const int BlockBytes = 256 * 1024;
    private const int SumBytes = sizeof(uint);

    private readonly List<byte> sums = [];
    private uint running = Crc32C.Begun;
    private int filled;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, BlockBytes - filled)];
            running = Crc32C.Continue(running, piece);
            filled += piece.Length;
            bytes = bytes[piece.Length..];
            if (filled == BlockBytes)
                End();
        }
    }

    /// <summary>The sums of all blocks; nothing may be appended after it.</summary>
    public byte[] ToArray()
    {
        if (filled > 0)
            End();
        return [.. sums];
    }

    /// <summary>Whether a block's bytes are those that were stored. What has no sum is not.</summary>
    public static bool Matches(ReadOnlySpan<byte> sums, long block, ReadOnlySpan<byte> bytes) =>
        (block + 1) * SumBytes <= sums.Length
        && BinaryPrimitives.ReadUInt32LittleEndian(sums[(int)(block * SumBytes)..]) == Crc32C.Of(bytes);

    private void End()
    {
        Span<byte> sum = stackalloc byte[SumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, ~running);
        sums.AddRange(sum);
        (running, filled) = (Crc32C.Begun, 0);
    }
}
