using System.Text;

namespace EventFiles.Features.Zip;

/// <summary>
/// Where everything stands in an archive, before a byte of it is made. That it can be known is why files are stored as
/// deflate blocks without compression (RFC 1951, 3.2.4): their length follows from the file's, and whoever reads the
/// archive as a stream finds the file's end nevertheless, which with plain stored bytes it could not.
/// </summary>
internal sealed class ZipLayout
{
    private readonly IReadOnlyList<ZipEntry> entries;
    private readonly long[] starts;
    private readonly long[] rows;

    public ZipLayout(IReadOnlyList<ZipEntry> entries)
    {
        this.entries = entries;
        starts = new long[entries.Count + 1];
        for (var at = 0; at < entries.Count; at++)
            starts[at + 1] = starts[at] + HeaderBytes(at) + DataBytes(at) + DescriptorBytes(at);
        rows = new long[entries.Count + 1];
        rows[0] = DirectoryStart;
        for (var at = 0; at < entries.Count; at++)
            rows[at + 1] = rows[at] + ZipRecords.RowBytes(NameBytes(at), entries[at].SizeBytes, starts[at]);
        EndStart = rows[^1];
        SizeBytes = EndStart + ZipRecords.EndBytes(entries.Count, EndStart - DirectoryStart, DirectoryStart);
    }

    /// <summary>Of the whole archive.</summary>
    public long SizeBytes { get; }

    /// <summary>Where the directory begins, behind all files.</summary>
    public long DirectoryStart => starts[^1];

    /// <summary>Where the end of the directory begins.</summary>
    public long EndStart { get; }

    public long StartOf(int entry) => starts[entry];

    public long RowOf(int entry) => rows[entry];

    public int HeaderBytes(int entry) => ZipRecords.HeaderBytes(NameBytes(entry), entries[entry].SizeBytes);

    public long DataBytes(int entry) => ZipBlocks.LengthOf(entries[entry].SizeBytes);

    public int DescriptorBytes(int entry) => ZipRecords.DescriptorBytes(entries[entry].SizeBytes);

    /// <summary>The entry in which a place before the directory lies.</summary>
    public int EntryAt(long position) => Within(starts, position);

    /// <summary>The entry in whose row of the directory a place lies.</summary>
    public int RowAt(long position) => Within(rows, position);

    private int NameBytes(int entry) => Encoding.UTF8.GetByteCount(entries[entry].Path);

    private static int Within(long[] beginnings, long position)
    {
        var found = Array.BinarySearch(beginnings, position);
        return found >= 0 ? found : ~found - 1;
    }
}

/// <summary>A file's bytes as deflate blocks without compression.</summary>
internal static class ZipBlocks
{
    /// <summary>As many bytes as a block can hold.</summary>
    public const int MaxBytes = 65_535;

    /// <summary>What stands before them.</summary>
    public const int HeadBytes = 5;

    /// <summary>How long that many bytes are in blocks; nothing stays nothing.</summary>
    public static long LengthOf(long plainBytes) => plainBytes + ((plainBytes + MaxBytes - 1) / MaxBytes * HeadBytes);

    /// <summary>What stands before a block: whether it is the last one, and its length twice, the second time inverted.</summary>
    public static byte[] Head(long plainBytes, long block)
    {
        var rest = plainBytes - (block * MaxBytes);
        var length = (ushort)Math.Min(rest, MaxBytes);
        return [(byte)(rest <= MaxBytes ? 1 : 0), (byte)length, (byte)(length >> 8), (byte)~length, (byte)(~length >> 8)];
    }
}
