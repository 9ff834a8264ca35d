using System.Buffers.Binary;

namespace EventFiles.Features.Zip;

/// <summary>The checksum of ZIP (CRC-32 of ISO-HDLC), eight bytes at a time.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Lanes = 8;

    // What a byte does to the sum when so many others follow it.
    private static readonly uint[][] Tables = Make();

    /// <summary>The sum over more bytes, where <paramref name="sum"/> is that of those before; 0 at the beginning.</summary>
    public static uint Append(uint sum, ReadOnlySpan<byte> bytes)
    {
        sum = ~sum;
        for (; bytes.Length >= Lanes; bytes = bytes[Lanes..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ sum;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            sum = Tables[7][low & 0xFF] ^ Tables[6][(low >> 8) & 0xFF] ^ Tables[5][(low >> 16) & 0xFF] ^ Tables[4][low >> 24]
                ^ Tables[3][high & 0xFF] ^ Tables[2][(high >> 8) & 0xFF] ^ Tables[1][(high >> 16) & 0xFF] ^ Tables[0][high >> 24];
        }

        foreach (var one in bytes)
            sum = (sum >> 8) ^ Tables[0][(sum ^ one) & 0xFF];
        return ~sum;
    }

    private static uint[][] Make()
    {
        var tables = new uint[Lanes][];
        for (var lane = 0; lane < Lanes; lane++)
        {
            tables[lane] = new uint[256];
            for (var one = 0u; one < 256; one++)
            {
                var sum = lane == 0 ? one : tables[lane - 1][one];
                for (var bit = 0; bit < 8; bit++)
                    sum = (sum >> 1) ^ ((sum & 1) * Polynomial);
                tables[lane][one] = sum;
            }
        }

        return tables;
    }
}
