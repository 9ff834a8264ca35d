namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// The right edge of the tree: of every level the tile that is not full yet. That is all it takes to append and to know the
/// root: kilobytes, however large the tree is.
/// </summary>
internal sealed class GrowingTree
{
    /// <summary>How many hashes a full tile has.</summary>
    public const int TileWidth = 256;

    private readonly List<EdgeTile> edge = [];
    private readonly List<TreeTile> full = [];

    /// <summary>How many leaves there are.</summary>
    public long Size { get; private set; }

    /// <summary>Which tiles are at the right edge of a tree, from the leaves up.</summary>
    public static IReadOnlyCollection<(int Level, long Number)> Edge(long size)
    {
        var places = new List<(int, long)>();
        for (var (level, rest) = (0, size); rest > 0; level++, rest /= TileWidth)
            places.Add((level, rest / TileWidth));
        return places;
    }

    /// <summary>The tree that these tiles of its right edge, from the leaves up, belong to.</summary>
    public static GrowingTree From(long size, IReadOnlyList<TreeTile> edge)
    {
        var tree = new GrowingTree { Size = size };
        for (var (level, rest) = (0, size); rest > 0; level++, rest /= TileWidth)
        {
            var (number, width) = (rest / TileWidth, (int)(rest % TileWidth));
            var tile = edge.FirstOrDefault(one => one.Level == level && one.Number == number);
            if (width > 0 && (tile is null || tile.Hashes.Length < width * MerkleHash.Bytes))
                throw new InvalidOperationException(FormattableString.Invariant($"The tree of {size} leaves lacks its tile {number} of level {level}."));
            var kept = new EdgeTile(number);
            if (width > 0)
                kept.Add(tile!.Hashes.AsSpan(0, width * MerkleHash.Bytes));
            tree.edge.Add(kept);
        }

        return tree;
    }

    public void Append(ReadOnlySpan<byte> leafHash)
    {
        Append(0, leafHash);
        Size++;
    }

    public byte[] Root()
    {
        byte[]? right = null;
        foreach (var tile in edge)
        {
            // A tile's hashes fall into whole subtrees, the largest leftmost: RFC 6962 joins them from the right.
            var hashes = tile.Hashes;
            var end = tile.Width;
            while (end > 0)
            {
                var width = end & -end;
                var left = MerkleHash.Root(hashes[((end - width) * MerkleHash.Bytes)..(end * MerkleHash.Bytes)]);
                right = right is null ? left : MerkleHash.Node(left, right);
                end -= width;
            }
        }

        return right ?? MerkleHash.Empty();
    }

    /// <summary>The tiles that have changed since this was last asked, full ones and those of the edge.</summary>
    public IReadOnlyList<TreeTile> Changed()
    {
        List<TreeTile> changed = [.. full];
        full.Clear();
        for (var level = 0; level < edge.Count; level++)
        {
            if (edge[level].Width > 0)
                changed.Add(new TreeTile(level, edge[level].Number, edge[level].Hashes.ToArray()));
        }

        return changed;
    }

    private void Append(int level, ReadOnlySpan<byte> hash)
    {
        if (edge.Count == level)
            edge.Add(new EdgeTile(0));
        var tile = edge[level];
        tile.Add(hash);
        if (tile.Width < TileWidth)
            return;
        full.Add(new TreeTile(level, tile.Number, tile.Hashes.ToArray()));
        var above = MerkleHash.Root(tile.Hashes);
        tile.Next();
        Append(level + 1, above);
    }

    private sealed class EdgeTile(long number)
    {
        private readonly byte[] hashes = new byte[TileWidth * MerkleHash.Bytes];

        public long Number { get; private set; } = number;

        public int Width { get; private set; }

        public ReadOnlySpan<byte> Hashes => hashes.AsSpan(0, Width * MerkleHash.Bytes);

        public void Add(ReadOnlySpan<byte> more)
        {
            more.CopyTo(hashes.AsSpan(Width * MerkleHash.Bytes));
            Width += more.Length / MerkleHash.Bytes;
        }

        public void Next() => (Number, Width) = (Number + 1, 0);
    }
}

/// <summary>Neighbouring hashes of one level: the roots of subtrees of 256^level leaves each.</summary>
/// <param name="Level">0 for leaves' hashes.</param>
/// <param name="Number">From 0.</param>
/// <param name="Hashes">At most 256, of 32 bytes each.</param>
internal sealed record TreeTile(int Level, long Number, byte[] Hashes);
