using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>The hashes of RFC 6962, 2.1: leaves and nodes begin differently, so that none can pass for the other.</summary>
internal static class MerkleHash
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    /// <summary>The root of a log without leaves.</summary>
    public static byte[] Empty() => SHA256.HashData([]);

    public static byte[] Leaf(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * Bytes)];
        both[0] = NodePrefix;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + Bytes)..]);
        return SHA256.HashData(both);
    }

    /// <summary>The root over hashes whose number is a power of two.</summary>
    public static byte[] Root(ReadOnlySpan<byte> hashes) =>
        hashes.Length == Bytes
            ? hashes.ToArray()
            : Node(Root(hashes[..(hashes.Length / 2)]), Root(hashes[(hashes.Length / 2)..]));
}
