using System.Security.Cryptography;

namespace EventFiles.Verify;

/// <summary>The proofs of RFC 6962 as their reader checks them (RFC 9162, 2.1.3.2 and 2.1.4.2). Every hash has 32 bytes.</summary>
public static class Merkle
{
    private const int HashBytes = 32;

    /// <summary>The hash of what stands in the log.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry) => SHA256.HashData([0, .. entry]);

    /// <summary>The hash over two subtrees.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([1, .. left, .. right]);

    /// <summary>Whether a leaf stands at an index of the log with this size and root.</summary>
    public static bool IsIncluded(long index, long size, byte[] leafHash, IReadOnlyList<byte[]> path, byte[] root)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (index < 0 || index >= size || !AreHashes([leafHash, root, .. path]))
            return false;
        var (at, last, hash) = (index, size - 1, leafHash);
        foreach (var neighbour in path)
        {
            if (last == 0)
                return false;
            if ((at & 1) == 1 || at == last)
            {
                hash = NodeHash(neighbour, hash);
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                hash = NodeHash(hash, neighbour);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && hash.AsSpan().SequenceEqual(root);
    }

    /// <summary>Whether the log of one size and root is how the log of another begins. From nothing, nothing is shown.</summary>
    public static bool IsConsistent(long fromSize, long size, byte[] fromRoot, byte[] root, IReadOnlyList<byte[]> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (fromSize <= 0 || fromSize > size)
            return false;
        if (fromSize == size)
            return path.Count == 0 && fromRoot.AsSpan().SequenceEqual(root);
        if (path.Count == 0 || !AreHashes([fromRoot, root, .. path]))
            return false;

        var isWholeTree = (fromSize & (fromSize - 1)) == 0;
        IReadOnlyList<byte[]> steps = isWholeTree ? [fromRoot, .. path] : path;
        var (at, last) = (fromSize - 1, size - 1);
        while ((at & 1) == 1)
            (at, last) = (at >> 1, last >> 1);
        var (former, latter) = (steps[0], steps[0]);
        foreach (var step in steps.Skip(1))
        {
            if (last == 0)
                return false;
            if ((at & 1) == 1 || at == last)
            {
                (former, latter) = (NodeHash(step, former), NodeHash(step, latter));
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                latter = NodeHash(latter, step);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && former.AsSpan().SequenceEqual(fromRoot) && latter.AsSpan().SequenceEqual(root);
    }

    private static bool AreHashes(IEnumerable<byte[]> hashes) => hashes.All(hash => hash?.Length == HashBytes);
}

/// <summary>The root over leaves as they come, in memory that does not grow with them.</summary>
public sealed class RunningRoot
{
    // Whole subtrees, the largest first; how many leaves each has follows from the bits of the size.
    private readonly List<byte[]> subtrees = [];

    /// <summary>How many leaves came.</summary>
    public long Size { get; private set; }

    public void Add(byte[] leafHash)
    {
        subtrees.Add(leafHash);
        for (var size = Size++; (size & 1) == 1; size >>= 1)
        {
            var joined = Merkle.NodeHash(subtrees[^2], subtrees[^1]);
            subtrees.RemoveRange(subtrees.Count - 2, 2);
            subtrees.Add(joined);
        }
    }

    public byte[] Root()
    {
        if (subtrees.Count == 0)
            return SHA256.HashData([]);
        var root = subtrees[^1];
        for (var at = subtrees.Count - 2; at >= 0; at--)
            root = Merkle.NodeHash(subtrees[at], root);
        return root;
    }
}
