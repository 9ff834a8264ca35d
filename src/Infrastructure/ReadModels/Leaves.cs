using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// What a generation's digest is made of: for each key the digest of its view's canonical JSON, and of its places in all
/// indexes. Two generations with the same leaves show readers the same.
/// </summary>
internal sealed class Leaves
{
    private readonly Dictionary<string, Leaf> byKey = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => byKey.Keys;

    public Leaf this[string key] => byKey.GetValueOrDefault(key);

    /// <summary>The leaves of a whole generation. Keys that change meanwhile must be read again.</summary>
    public static async Task<Leaves> Scan(IGeneration generation, CancellationToken cancel)
    {
        var leaves = new Leaves();
        await foreach (var view in generation.Views(cancel))
            leaves.byKey[view.Key] = new Leaf(Digest.Of(view.Json), leaves[view.Key].Places);
        await foreach (var (index, at) in generation.Places(cancel))
            leaves.byKey[at.Key] = leaves[at.Key].With(index, at.Sort);
        return leaves;
    }

    /// <summary>These keys as they are now, wherever the scan saw them.</summary>
    public async Task Reread(
        IProjection projection, IGeneration generation, IReadOnlyCollection<string> keys, CancellationToken cancel)
    {
        string[] all = [.. keys];
        foreach (var (key, view) in all.Zip(await generation.Read(all, cancel)))
        {
            byKey.Remove(key);
            if (view is null)
                continue;
            var leaf = new Leaf(Digest.Of(view.Json), default);
            foreach (var entry in projection.Entries(key, CanonicalJson.Read(projection.View, view.Json)).Distinct())
                leaf = leaf.With(entry.Index, entry.Sort);
            byKey.Add(key, leaf);
        }
    }

    /// <summary>
    /// SHA-256 over the keys in ordinal order, each with its length before it and its leaf after it; lower-case hex.
    /// </summary>
    public string ToDigest()
    {
        string[] keys = [.. byKey.Keys];
        Array.Sort(keys, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> leaf = stackalloc byte[2 * SHA256.HashSizeInBytes];
        foreach (var key in keys)
        {
            Digest.Append(hash, key);
            byKey[key].View.CopyTo(leaf);
            byKey[key].Places.CopyTo(leaf[SHA256.HashSizeInBytes..]);
            hash.AppendData(leaf);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>One key's part of a digest.</summary>
/// <param name="View">Of the canonical JSON; all zero when a place has no view, which must not be.</param>
/// <param name="Places">Of all its places together, in whatever order they were seen.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Leaf(Digest View, Digest Places)
{
    public Leaf With(string index, string sort) => this with { Places = Places ^ Digest.OfPlace(index, sort) };
}

/// <summary>32 bytes of SHA-256.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Digest(UInt128 High, UInt128 Low)
{
    public static Digest operator ^(Digest one, Digest other) => new(one.High ^ other.High, one.Low ^ other.Low);

    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return From(hash);
    }

    public static Digest OfPlace(string index, string sort)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, index);
        Append(hash, sort);
        return From(hash.GetHashAndReset());
    }

    /// <summary>A text with its length before it: no two sequences of texts have the same bytes.</summary>
    public static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    public void CopyTo(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt128BigEndian(to, High);
        BinaryPrimitives.WriteUInt128BigEndian(to[16..], Low);
    }

    private static Digest From(ReadOnlySpan<byte> hash) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
}
