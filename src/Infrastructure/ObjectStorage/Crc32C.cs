using System.Buffers.Binary;
using System.Numerics;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>The sum that tells whether bytes are those that were written. It is no secret and proves nothing against malice.</summary>
internal static class Crc32C
{
    /// <summary>Before the first byte.</summary>
    public const uint Begun = uint.MaxValue;

    /// <summary>Of all these bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(Begun, bytes);

    /// <summary>Takes the next bytes; the sum is the complement of what comes out in the end.</summary>
    public static uint Continue(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }
}
