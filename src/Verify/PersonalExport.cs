using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Verify;

/// <summary>
/// All that is one person's, as they took it along: every entry of the archive against its manifest. No key is needed; what
/// the server said of the manifest, the reader compares.
/// </summary>
public static class PersonalExport
{
    private const string ManifestName = "manifest.json";
    private const int Format = 1;

    // Of as many entries as an export has at most, with long paths.
    private const int LongestManifest = 256 << 20;

    /// <summary>Whether a file begins as a ZIP archive does.</summary>
    public static bool IsOne(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("PK\u0003\u0004"u8);
    }

    /// <summary>Reads all of it; the first entry that differs is named.</summary>
    public static Verdict Verify(string path)
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            return Verify(zip);
        }
        catch (Exception broken) when (broken is InvalidDataException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException
            or EndOfStreamException)
        {
            return Bad($"It is not written as an export is: {broken.Message}");
        }
    }

    private static Verdict Verify(ZipArchive zip)
    {
        if (zip.GetEntry(ManifestName) is not { } described)
            return Bad($"It is no export: it has no {ManifestName}.");
        // What is unpacked may be the other one.
        if (zip.Entries.Count(entry => entry.FullName == ManifestName) > 1)
            return Bad($"{ManifestName} is there more than once.");
        if (described.Length > LongestManifest)
            return Bad($"{ManifestName} is larger than that of any export.");
        var bytes = Bytes(described);
        // Nothing else has its digest: whoever changed it in good faith is found by the archive's own checksum.
        if (Crc32(bytes) != described.Crc32)
            return Bad($"{ManifestName} is not as it was written.");
        using var manifest = JsonDocument.Parse(bytes);
        var root = manifest.RootElement;
        if (root.GetProperty("eventFilesExport").GetInt32() != Format)
            return Bad("Its format is one that this program does not know.");

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left = zip.Entries.GroupBy(entry => entry.FullName, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.ToList(), StringComparer.Ordinal);
        left.Remove(ManifestName);
        var (files, total) = (0, 0L);
        foreach (var entry in root.GetProperty("entries").EnumerateArray())
        {
            var (path, size, sha256) = (Text(entry, "path"), entry.GetProperty("size").GetInt64(), Text(entry, "sha256"));
            if (!left.Remove(path, out var found))
                return Bad($"{path} is missing.");
            if (found.Count > 1)
                return Bad($"{path} is there more than once.");
            if (Differs(found[0], size, sha256) is { } how)
                return Bad($"{path} {how}.");
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sha256} {size} {path}\n")));
            (files, total) = (files + 1, total + size);
        }

        foreach (var folder in root.GetProperty("folders").EnumerateArray())
        {
            var path = Text(folder, "path");
            if (!left.Remove(path, out var found))
                return Bad($"{path} is missing.");
            if (found is not [{ Length: 0 }])
                return Bad($"{path} is there more than once, or is no folder.");
        }

        if (left.Count > 0)
            return Bad($"{left.Keys.First()} is in it, and the manifest does not know it.");
        if (Convert.ToHexStringLower(digest.GetHashAndReset()) != root.GetProperty("digest").GetString() || total != root.GetProperty("sizeBytes").GetInt64())
            return Bad($"{ManifestName} does not agree with itself: its digest is not that of its entries.");
        return new Verdict(true, "personal-export", string.Create(
            CultureInfo.InvariantCulture,
            $"{files} entries of {total} bytes are as the manifest says, whose SHA-256 is {Convert.ToHexStringLower(SHA256.HashData(bytes))}."));
    }

    private static string? Differs(ZipArchiveEntry entry, long size, string sha256)
    {
        if (entry.Length != size)
            return string.Create(CultureInfo.InvariantCulture, $"has {entry.Length} bytes instead of {size}");
        try
        {
            using var content = entry.Open();
            return Convert.ToHexStringLower(SHA256.HashData(content)) == sha256 ? null : "has other bytes than the manifest says";
        }
        catch (InvalidDataException)
        {
            return "cannot be read";
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        var all = new byte[entry.Length];
        content.ReadExactly(all);
        return all;
    }

    private static string Text(JsonElement of, string name) =>
        of.GetProperty(name).GetString() ?? throw new FormatException($"an entry has no {name}.");

    // ISO 3309, as ZIP has it.
    private static uint Crc32(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320u);
        }

        return ~sum;
    }

    private static Verdict Bad(string what) => new(false, "personal-export", what);
}
