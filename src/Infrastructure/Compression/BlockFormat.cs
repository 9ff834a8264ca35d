using System.Buffers.Binary;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Compression;

/// <summary>One block as it is stored.</summary>
/// <param name="StoredBytes">Its length in the store.</param>
/// <param name="IsPlain">It did not become smaller, and is stored as it is.</param>
/// <param name="Sum">CRC-32C of its plain bytes.</param>
internal readonly record struct Block(int StoredBytes, bool IsPlain, uint Sum);

/// <summary>
/// How a compressed object is laid out: blocks that can each be decoded without the others, and behind them a list of
/// their lengths. All lengths follow from each other, and every one is checked before memory is taken for it.
/// </summary>
/// <remarks>
/// <c>header 28: mark 4 | version 2 | codec 2 | plain bytes of a block 4 | plain bytes of all 8 | reserved 4 | sum of these 4</c>,
/// the blocks, for each <c>length 4 (the highest bit: it is plain) | sum 4</c>, <c>sum of the list 4 | mark 4</c>. Little-endian.
/// </remarks>
internal static class BlockFormat
{
    /// <summary>Plain bytes of a block, but for the last: a range reads as much at least.</summary>
    public const int PlainBytes = 128 * 1024;

    public const int HeaderBytes = 28;
    public const int EntryBytes = 8;
    public const int EndBytes = 8;

    private const ushort Version = 1;
    private const ushort Brotli = 1;
    private const int LargestBlockBytes = 1 << 20;
    private const uint IsPlainBit = 1u << 31;
    private static readonly byte[] Mark = "EFcb"u8.ToArray();

    /// <summary>How many blocks there are of so many plain bytes.</summary>
    public static long Blocks(long plainBytes, int blockBytes) => (plainBytes + blockBytes - 1) / blockBytes;

    public static byte[] Header(long plainBytes)
    {
        var header = new byte[HeaderBytes];
        Mark.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), Brotli);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), PlainBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), plainBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), Crc32C.Of(header.AsSpan(0, 24)));
        return header;
    }

    public static byte[] List(IReadOnlyList<Block> blocks)
    {
        var list = new byte[(blocks.Count * EntryBytes) + EndBytes];
        for (var at = 0; at < blocks.Count; at++)
        {
            var entry = list.AsSpan(at * EntryBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)blocks[at].StoredBytes | (blocks[at].IsPlain ? IsPlainBit : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], blocks[at].Sum);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(^EndBytes), Crc32C.Of(list.AsSpan(..^EndBytes)));
        Mark.CopyTo(list, list.Length - Mark.Length);
        return list;
    }

    /// <summary>What a header tells of an object of that length.</summary>
    /// <exception cref="ObjectDamagedException">It is none, or of a version that this program does not know.</exception>
    public static (long PlainBytes, int BlockBytes) ReadHeader(ReadOnlySpan<byte> header, long storedBytes)
    {
        if (header.Length != HeaderBytes || !header.StartsWith(Mark)
            || BinaryPrimitives.ReadUInt32LittleEndian(header[24..]) != Crc32C.Of(header[..24]))
        {
            throw new ObjectDamagedException("The head of a compressed object is not as it was written.");
        }

        var (version, codec) = (BinaryPrimitives.ReadUInt16LittleEndian(header[4..]), BinaryPrimitives.ReadUInt16LittleEndian(header[6..]));
        if ((version, codec) != (Version, Brotli))
            throw new ObjectDamagedException($"A newer program compressed this object (version {version}, codec {codec}).");
        var (blockBytes, plainBytes) = (BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt64LittleEndian(header[12..]));
        // The list of so many blocks must be there: so no object can make a reader take more memory than its own length allows.
        return blockBytes is > 0 and <= LargestBlockBytes && plainBytes >= 0 && plainBytes <= long.MaxValue - blockBytes
            && Blocks(plainBytes, blockBytes) <= (storedBytes - HeaderBytes - EndBytes) / EntryBytes
                ? (plainBytes, blockBytes)
                : throw new ObjectDamagedException("A compressed object is too short for what its head says.");
    }

    /// <summary>Where each block begins, and at last where they end; and what is known of each.</summary>
    /// <exception cref="ObjectDamagedException">The list is not as it was written, or not of this object.</exception>
    public static (long[] Starts, Block[] Blocks) ReadList(ReadOnlySpan<byte> list, long plainBytes, int blockBytes, long storedBytes)
    {
        if (!list.EndsWith(Mark) || BinaryPrimitives.ReadUInt32LittleEndian(list[^EndBytes..]) != Crc32C.Of(list[..^EndBytes]))
            throw new ObjectDamagedException("The list of a compressed object's blocks is not as it was written.");
        var blocks = new Block[(list.Length - EndBytes) / EntryBytes];
        var starts = new long[blocks.Length + 1];
        starts[0] = HeaderBytes;
        for (var at = 0; at < blocks.Length; at++)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(list[(at * EntryBytes)..]);
            var block = new Block((int)(word & ~IsPlainBit), (word & IsPlainBit) != 0, BinaryPrimitives.ReadUInt32LittleEndian(list[((at * EntryBytes) + 4)..]));
            var plain = (int)Math.Min(blockBytes, plainBytes - ((long)at * blockBytes));
            if (block.IsPlain ? block.StoredBytes != plain : block.StoredBytes >= plain)
                throw new ObjectDamagedException("A block of a compressed object has a length that none has.");
            (blocks[at], starts[at + 1]) = (block, starts[at] + block.StoredBytes);
        }

        return starts[^1] == storedBytes - list.Length
            ? (starts, blocks)
            : throw new ObjectDamagedException("The blocks of a compressed object do not fill it.");
    }
}
