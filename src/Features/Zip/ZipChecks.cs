using System.Buffers;
using System.Collections.Concurrent;

namespace EventFiles.Features.Zip;

/// <summary>
/// The checksums of versions, as far as they were read: a version never changes, and who goes on with a download needs
/// the sums of what they have already.
/// </summary>
internal sealed class ZipChecks
{
    private const int Most = 200_000;
    private const int BufferBytes = 128 * 1024;

    private readonly ConcurrentDictionary<(FileId File, int Version), uint> known = new();

    public uint? Find(ZipEntry entry) =>
        entry.SizeBytes == 0 ? 0 : known.TryGetValue((entry.File!.Value, entry.Version), out var sum) ? sum : null;

    public void Note(ZipEntry entry, uint sum)
    {
        // They can be had again by reading: which go when there are too many does not matter.
        if (known.Count >= Most)
            known.Clear();
        known[(entry.File!.Value, entry.Version)] = sum;
    }

    /// <summary>Reads a version for its checksum.</summary>
    public async ValueTask<uint> Read(ZipEntry entry, Stream content, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var (sum, bytes) = (0u, 0L);
            while (await content.ReadAsync(buffer, cancel) is var count and > 0)
            {
                sum = Crc32.Append(sum, buffer.AsSpan(0, count));
                bytes += count;
            }

            if (bytes != entry.SizeBytes)
                throw new IOException($"{entry.File} has {bytes} bytes instead of {entry.SizeBytes}.");
            Note(entry, sum);
            return sum;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
