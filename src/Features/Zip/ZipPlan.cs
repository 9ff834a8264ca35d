using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Features.Zip;

/// <summary>What is to be in an archive, in its order.</summary>
/// <param name="Path">In the archive; a folder's ends with a slash.</param>
/// <param name="File">Null for a folder.</param>
/// <param name="Version">Of the file.</param>
internal sealed record ZipEntry(string Path, FileId? File, int Version, long SizeBytes, DateTimeOffset ModifiedAt);

/// <summary>An archive before it is made: everything but the bytes of its files, and how long it will be.</summary>
internal sealed class ZipPlan(IReadOnlyList<ZipEntry> entries)
{
    public IReadOnlyList<ZipEntry> Entries => entries;

    public ZipLayout Layout { get; } = new(entries);

    /// <summary>The same for the same archive: versions never change, so these say all.</summary>
    public string ETag()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
        {
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{entry.Path.Length}:{entry.Path} {entry.File} {entry.Version} {entry.SizeBytes} {entry.ModifiedAt.UtcTicks}\n")));
        }

        return "zip1-" + Convert.ToHexStringLower(digest.GetHashAndReset())[..40];
    }

    public DateTimeOffset ModifiedAt() => entries.Count == 0 ? DateTimeOffset.UnixEpoch : entries.Max(entry => entry.ModifiedAt);
}
