using System.Numerics;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// The proofs of RFC 6962 from tiles. Which hashes a proof needs does not depend on what they are: it is gone through once
/// to see which tiles that takes, and once more with these.
/// </summary>
internal sealed class TreeProofs(Func<IReadOnlyCollection<(int Level, long Number)>, Task<IReadOnlyList<TreeTile>>> load)
{
    private static readonly byte[] Missing = new byte[MerkleHash.Bytes];

    /// <summary>The hashes from a leaf's neighbour up to the root's child, in the log of a size.</summary>
    public Task<IReadOnlyList<byte[]>> Inclusion(long index, long size) =>
        Gone(tiles => [.. Path(tiles, index, 0, size)]);

    /// <summary>The hashes that show the log of a size to be the beginning of a larger one.</summary>
    public Task<IReadOnlyList<byte[]>> Consistency(long fromSize, long size) =>
        fromSize <= 0 || fromSize >= size
            ? Task.FromResult<IReadOnlyList<byte[]>>([])
            : Gone(tiles => [.. Beginning(tiles, fromSize, 0, size, isWhole: true)]);

    /// <summary>The root of the log of a size.</summary>
    public async Task<byte[]> Root(long size) =>
        size == 0 ? MerkleHash.Empty() : (await Gone(tiles => [Range(tiles, 0, size)]))[0];

    private async Task<IReadOnlyList<byte[]>> Gone(Func<Tiles, IReadOnlyList<byte[]>> way)
    {
        var tiles = new Tiles();
        way(tiles);
        foreach (var tile in await load(tiles.Lacking))
            tiles.Add(tile);
        tiles.Lacking.Clear();
        var proof = way(tiles);
        return tiles.Lacking.Count == 0 ? proof : throw new InvalidOperationException(FormattableString.Invariant(
            $"The tree lacks the tile {tiles.Lacking.First().Number} of level {tiles.Lacking.First().Level}, or hashes of it."));
    }

    private static IEnumerable<byte[]> Path(Tiles tiles, long index, long from, long to)
    {
        if (to - from == 1)
            return [];
        var middle = from + LargestBelow(to - from);
        return index < middle
            ? Path(tiles, index, from, middle).Append(Range(tiles, middle, to))
            : Path(tiles, index, middle, to).Append(Range(tiles, from, middle));
    }

    private static IEnumerable<byte[]> Beginning(Tiles tiles, long end, long from, long to, bool isWhole)
    {
        if (end == to)
            return isWhole ? [] : [Range(tiles, from, to)];
        var middle = from + LargestBelow(to - from);
        return end <= middle
            ? Beginning(tiles, end, from, middle, isWhole).Append(Range(tiles, middle, to))
            : Beginning(tiles, end, middle, to, isWhole: false).Append(Range(tiles, from, middle));
    }

    private static byte[] Range(Tiles tiles, long from, long to)
    {
        var count = to - from;
        if (BitOperations.IsPow2(count))
            return tiles.Node(BitOperations.Log2((ulong)count), from / count);
        var middle = from + LargestBelow(count);
        return MerkleHash.Node(Range(tiles, from, middle), Range(tiles, middle, to));
    }

    // The largest power of two that is smaller.
    private static long LargestBelow(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private sealed class Tiles
    {
        private const int Height = 8;
        private readonly Dictionary<(int, long), byte[]> known = [];

        public HashSet<(int Level, long Number)> Lacking { get; } = [];

        public void Add(TreeTile tile) => known[(tile.Level, tile.Number)] = tile.Hashes;

        // The root of the subtree of 2^height leaves.
        public byte[] Node(int height, long index)
        {
            var (level, within) = (height / Height, height % Height);
            var first = index << within;
            var key = (level, first / GrowingTree.TileWidth);
            var (at, bytes) = ((int)(first % GrowingTree.TileWidth) * MerkleHash.Bytes, MerkleHash.Bytes << within);
            if (known.TryGetValue(key, out var hashes) && hashes.Length >= at + bytes)
                return MerkleHash.Root(hashes.AsSpan(at, bytes));
            Lacking.Add(key);
            return Missing;
        }
    }
}
