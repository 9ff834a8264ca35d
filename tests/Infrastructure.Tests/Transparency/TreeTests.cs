using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Verify;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>Tree, proofs and both verifiers against the definition of RFC 6962 and against what is known of its reference log.</summary>
public sealed class TreeTests
{
    // The leaves that every implementation of the field is tried with, and the roots of their first 1 to 8.
    private static readonly byte[][] Known =
        [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(Convert.FromHexString)];

    private static readonly string[] KnownRoots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void The_reference_log_has_its_known_roots()
    {
        var (tree, running) = (new GrowingTree(), new RunningRoot());
        for (var at = 0; at < Known.Length; at++)
        {
            tree.Append(MerkleHash.Leaf(Known[at]));
            running.Add(Merkle.LeafHash(Known[at]));
            Assert.Equal(KnownRoots[at], Convert.ToHexStringLower(tree.Root()));
            Assert.Equal(KnownRoots[at], Convert.ToHexStringLower(running.Root()));
            Assert.Equal(KnownRoots[at], Convert.ToHexStringLower(ReferenceTree.Root(Known.AsSpan(0, at + 1))));
        }
    }

    [Fact]
    public async Task Every_proof_is_the_one_of_the_definition_and_no_alteration_of_it_holds()
    {
        foreach (var size in Enumerable.Range(1, 18).Concat([31, 32, 33, 255, 256, 257, 300]))
        {
            var (entries, proofs) = Log(size);
            var root = ReferenceTree.Root(entries);
            Assert.Equal(root, await proofs.Root(size));
            foreach (var at in Some(size))
            {
                var path = await proofs.Inclusion(at, size);
                Assert.Equal(ReferenceTree.Path(at, entries), path);
                var leaf = Merkle.LeafHash(entries[at]);
                Assert.True(Merkle.IsIncluded(at, size, leaf, path, root));
                Assert.All(Altered(path), other => Assert.False(Merkle.IsIncluded(at, size, leaf, other, root)));
                Assert.False(Merkle.IsIncluded(at, size, leaf, path, Flipped(root)));
                Assert.False(Merkle.IsIncluded(at, size, Flipped(leaf), path, root));
                foreach (var other in Some(size).Where(other => other != at))
                    Assert.False(Merkle.IsIncluded(other, size, leaf, path, root));
                Assert.False(Merkle.IsIncluded(at, size * 2 + 1, leaf, path, root));

                var (from, former) = (at + 1, ReferenceTree.Root(entries.AsSpan(0, at + 1)));
                var growth = await proofs.Consistency(from, size);
                Assert.Equal(ReferenceTree.Proof(from, entries), growth);
                Assert.True(Merkle.IsConsistent(from, size, former, root, growth));
                Assert.All(Altered(growth), other => Assert.False(Merkle.IsConsistent(from, size, former, root, other)));
                Assert.False(Merkle.IsConsistent(from, size, Flipped(former), root, growth));
                Assert.False(Merkle.IsConsistent(from, size, former, Flipped(root), growth));
            }
        }
    }

    [Fact]
    public async Task A_tree_of_three_levels_of_tiles_proves_and_goes_on_after_it_was_read_again()
    {
        const int size = 66_000;
        var (tree, running) = (new GrowingTree(), new RunningRoot());
        var tiles = new Dictionary<(int, long), TreeTile>();
        void Keep()
        {
            foreach (var tile in tree.Changed())
                tiles[(tile.Level, tile.Number)] = tile;
        }

        for (var at = 0; at < size; at++)
        {
            var leaf = Merkle.LeafHash(BitConverter.GetBytes(at));
            tree.Append(leaf);
            running.Add(leaf);
            if (at % 9_973 != 0)
                continue;
            Keep();
            tree = GrowingTree.From(tree.Size, [.. GrowingTree.Edge(tree.Size).Where(tiles.ContainsKey).Select(key => tiles[key])]);
        }

        Keep();
        var proofs = new TreeProofs(asked => Task.FromResult<IReadOnlyList<TreeTile>>([.. asked.Where(tiles.ContainsKey).Select(key => tiles[key])]));
        var root = running.Root();
        Assert.Equal(root, tree.Root());
        Assert.Equal(root, await proofs.Root(size));
        Assert.Contains(tiles.Keys, key => key.Item1 == 2);
        foreach (var at in new[] { 0, 255, 256, 65_535, 65_536, size - 1 })
        {
            Assert.True(Merkle.IsIncluded(at, size, Merkle.LeafHash(BitConverter.GetBytes(at)), await proofs.Inclusion(at, size), root));
            Assert.True(Merkle.IsConsistent(at + 1, size, await proofs.Root(at + 1), root, await proofs.Consistency(at + 1, size)));
        }
    }

    [Fact]
    public async Task Both_verifiers_read_vectors_and_agree_on_them()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-vectors-");
        try
        {
            var vectors = new List<object>();
            foreach (var size in new[] { 1, 2, 3, 5, 7, 8 })
            {
                var (entries, root) = (Known[..size], ReferenceTree.Root(Known.AsSpan(0, size)));
                for (var at = 0; at < size; at++)
                {
                    var path = ReferenceTree.Path(at, entries);
                    foreach (var (proof, bad) in Altered(path).Select(one => (one, true)).Prepend((path, false)))
                        vectors.Add(new { leafIdx = at, treeSize = size, root, leafHash = Merkle.LeafHash(entries[at]), proof, desc = "inclusion", wantErr = bad });
                    var leaf = Merkle.LeafHash(entries[at]);
                    void Included(int index, int of, byte[] leafHash, byte[] under) =>
                        vectors.Add(new { leafIdx = index, treeSize = of, root = under, leafHash, proof = path, desc = "inclusion said otherwise", wantErr = true });
                    Included(at, size, leaf, Flipped(root));
                    Included(at, size, Flipped(leaf), root);
                    Included(at, size * 2 + 1, leaf, root);
                    Included(at, 0, leaf, root);
                    Included(-1, size, leaf, root);
                    for (var other = 0; other <= size; other++)
                    {
                        if (other != at)
                            Included(other, size, leaf, root);
                    }

                    var growth = ReferenceTree.Proof(at + 1, entries);
                    foreach (var (proof, bad) in Altered(growth).Select(one => (one, true)).Prepend((growth, false)))
                        vectors.Add(new { size1 = at + 1, size2 = size, root1 = ReferenceTree.Root(entries.AsSpan(0, at + 1)), root2 = root, proof, desc = "consistency", wantErr = bad });
                    var former = ReferenceTree.Root(entries.AsSpan(0, at + 1));
                    void Grown(int from, int to, byte[] root1, byte[] root2) =>
                        vectors.Add(new { size1 = from, size2 = to, root1, root2, proof = growth, desc = "consistency said otherwise", wantErr = true });
                    Grown(at + 1, size, Flipped(former), root);
                    Grown(at + 1, size, former, Flipped(root));
                    Grown(0, size, former, root);
                    Grown(size + 1, size, former, root);
                }
            }

            for (var at = 0; at < vectors.Count; at++)
            {
                var bytes = JsonSerializer.SerializeToUtf8Bytes(vectors[at]);
                using var json = JsonDocument.Parse(bytes);
                Assert.True(Verification.Vector(json.RootElement)!.IsGood);
                await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{at}.json"), bytes);
            }

            var (code, output) = await Node([.. folder.GetFiles().Select(file => file.FullName)]);
            Assert.True(code == 0, output);
            Assert.Equal(vectors.Count, output.Split('\n').Count(line => line.StartsWith("good", StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Signatures_are_those_of_RFC_8032_for_both()
    {
        var seed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        var key = Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        var signature = Convert.FromHexString(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        Assert.Equal(key, Infrastructure.Transparency.Ed25519.PublicKeyOf(seed));
        Assert.Equal(signature, Infrastructure.Transparency.Ed25519.Sign(seed, []));
        Assert.True(Verify.Ed25519.Verify(key, [], signature));
        for (var round = 0; round < 20; round++)
        {
            var message = new byte[round];
            Random.Shared.NextBytes(message);
            var signed = Infrastructure.Transparency.Ed25519.Sign(seed, message);
            Assert.True(Verify.Ed25519.Verify(key, message, signed));
            Assert.True(Infrastructure.Transparency.Ed25519.Verify(key, message, signed));
            Assert.False(Verify.Ed25519.Verify(key, [.. message, 1], signed));
            Assert.False(Verify.Ed25519.Verify(key, message, Flipped(signed)));
            Assert.False(Infrastructure.Transparency.Ed25519.Verify(key, message, Flipped(signed)));
        }
    }

    /// <summary>Runs the script that auditors get.</summary>
    internal static async Task<(int Code, string Output)> Node(params string[] arguments)
    {
        var root = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "Root").Value!;
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(root, "docs", "verify", "verify.mjs"), .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var error = node.StandardError.ReadToEndAsync();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return (node.ExitCode, output + await error);
    }

    // Every hash altered, left out, doubled, changed places with its neighbour; one too many at either end.
    private static IEnumerable<List<byte[]>> Altered(IReadOnlyList<byte[]> path)
    {
        for (var at = 0; at < path.Count; at++)
        {
            yield return [.. path.Take(at), Flipped(path[at]), .. path.Skip(at + 1)];
            yield return [.. path.Take(at), .. path.Skip(at + 1)];
            yield return [.. path.Take(at), path[at], path[at], .. path.Skip(at + 1)];
            if (at > 0)
                yield return [.. path.Take(at - 1), path[at], path[at - 1], .. path.Skip(at + 1)];
        }

        yield return [.. path, new byte[32]];
        yield return [new byte[32], .. path];
    }

    private static byte[] Flipped(byte[] hash)
    {
        byte[] other = [.. hash];
        other[Random.Shared.Next(other.Length)] ^= (byte)(1 << Random.Shared.Next(8));
        return other;
    }

    private static IEnumerable<int> Some(int size) =>
        size <= 18 ? Enumerable.Range(0, size) : new[] { 0, 1, size / 2, size - 2, size - 1 };

    private static (byte[][] Entries, TreeProofs Proofs) Log(int size)
    {
        byte[][] entries = [.. Enumerable.Range(0, size).Select(BitConverter.GetBytes)];
        var tree = new GrowingTree();
        foreach (var entry in entries)
            tree.Append(MerkleHash.Leaf(entry));
        var tiles = tree.Changed();
        return (entries, new TreeProofs(asked => Task.FromResult<IReadOnlyList<TreeTile>>([.. tiles.Where(tile => asked.Contains((tile.Level, tile.Number)))])));
    }
}
