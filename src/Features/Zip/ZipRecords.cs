using System.Buffers.Binary;
using System.Text;

namespace EventFiles.Features.Zip;

/// <summary>The records of the format (PKWARE APPNOTE 6.3), each with its 64-bit form where a figure needs it.</summary>
internal static class ZipRecords
{
    private const uint Limit = uint.MaxValue;
    private const ushort ManyEntries = ushort.MaxValue;
    private const ushort Version20 = 20;
    private const ushort Version45 = 45;

    // Made on Unix: readers then take the times and modes for what they are.
    private const ushort MadeBy = (3 << 8) | Version45;

    // Bit 11: the name is UTF-8. Bit 3: sizes and checksum follow the bytes.
    private const ushort Utf8 = 1 << 11;
    private const ushort Followed = 1 << 3;
    private const ushort Deflated = 8;
    private const uint FileMode = 0x81A4_0000;   // -rw-r--r--
    private const uint FolderMode = 0x41ED_0010; // drwxr-xr-x, and the folder bit of DOS
    private const int TimeFieldBytes = 9;

    public static int HeaderBytes(int nameBytes, long sizeBytes) =>
        30 + nameBytes + TimeFieldBytes + (IsLarge(sizeBytes) ? 20 : 0);

    public static int DescriptorBytes(long sizeBytes) => sizeBytes == 0 ? 0 : IsLarge(sizeBytes) ? 24 : 16;

    public static int RowBytes(int nameBytes, long sizeBytes, long start) =>
        46 + nameBytes + TimeFieldBytes + LargeFieldBytes(sizeBytes, start);

    public static int EndBytes(int entries, long directoryBytes, long directoryStart) =>
        IsLargeEnd(entries, directoryBytes, directoryStart) ? 56 + 20 + 22 : 22;

    /// <summary>What stands before a file's bytes.</summary>
    public static byte[] Header(ZipEntry entry)
    {
        var isLarge = IsLarge(entry.SizeBytes);
        var record = new Record(HeaderBytes(Encoding.UTF8.GetByteCount(entry.Path), entry.SizeBytes));
        record.Add(0x04034B50u);
        Common(record, entry, isLarge);
        // What is empty has its sum at once; of what follows, the sizes come behind it.
        record.Add(0u).Add(isLarge ? Limit : 0u).Add(isLarge ? Limit : 0u);
        Name(record, entry, TimeFieldBytes + (isLarge ? 20 : 0));
        record.Text(entry.Path);
        Time(record, entry);
        if (isLarge)
            record.Add((ushort)1).Add((ushort)16).Add(0L).Add(0L);
        return record.Bytes;
    }

    /// <summary>What stands behind a file's bytes.</summary>
    public static byte[] Descriptor(ZipEntry entry, uint sum)
    {
        var record = new Record(DescriptorBytes(entry.SizeBytes)).Add(0x08074B50u).Add(sum);
        var packed = ZipBlocks.LengthOf(entry.SizeBytes);
        return (IsLarge(entry.SizeBytes)
            ? record.Add(packed).Add(entry.SizeBytes)
            : record.Add((uint)packed).Add((uint)entry.SizeBytes)).Bytes;
    }

    /// <summary>A row of the directory.</summary>
    public static byte[] Row(ZipEntry entry, uint sum, long start)
    {
        var large = LargeFieldBytes(entry.SizeBytes, start);
        var isLarge = IsLarge(entry.SizeBytes);
        var record = new Record(RowBytes(Encoding.UTF8.GetByteCount(entry.Path), entry.SizeBytes, start));
        record.Add(0x02014B50u).Add(MadeBy);
        Common(record, entry, large > 0);
        record.Add(sum)
            .Add(isLarge ? Limit : (uint)ZipBlocks.LengthOf(entry.SizeBytes)).Add(isLarge ? Limit : (uint)entry.SizeBytes);
        Name(record, entry, TimeFieldBytes + large);
        record.Add((ushort)0).Add((ushort)0).Add((ushort)0).Add(entry.File is null ? FolderMode : FileMode);
        record.Add(start >= Limit ? Limit : (uint)start);
        record.Text(entry.Path);
        Time(record, entry);
        if (large > 0)
        {
            record.Add((ushort)1).Add((ushort)(large - 4));
            if (isLarge)
                record.Add(entry.SizeBytes).Add(ZipBlocks.LengthOf(entry.SizeBytes));
            if (start >= Limit)
                record.Add(start);
        }

        return record.Bytes;
    }

    /// <summary>What stands at the end.</summary>
    public static byte[] End(int entries, long directoryBytes, long directoryStart)
    {
        var record = new Record(EndBytes(entries, directoryBytes, directoryStart));
        if (IsLargeEnd(entries, directoryBytes, directoryStart))
        {
            record.Add(0x06064B50u).Add(44L).Add(MadeBy).Add(Version45).Add(0u).Add(0u)
                .Add((long)entries).Add((long)entries).Add(directoryBytes).Add(directoryStart);
            record.Add(0x07064B50u).Add(0u).Add(directoryStart + directoryBytes).Add(1u);
        }

        var count = (ushort)Math.Min(entries, ManyEntries);
        return record.Add(0x06054B50u).Add((ushort)0).Add((ushort)0).Add(count).Add(count)
            .Add((uint)Math.Min(directoryBytes, Limit)).Add((uint)Math.Min(directoryStart, Limit)).Add((ushort)0).Bytes;
    }

    private static bool IsLarge(long sizeBytes) => ZipBlocks.LengthOf(sizeBytes) >= Limit;

    private static bool IsLargeEnd(int entries, long directoryBytes, long directoryStart) =>
        entries >= ManyEntries || directoryBytes >= Limit || directoryStart >= Limit;

    private static int LargeFieldBytes(long sizeBytes, long start) =>
        (IsLarge(sizeBytes), start >= Limit) switch
        {
            (false, false) => 0,
            var (size, place) => 4 + (size ? 16 : 0) + (place ? 8 : 0),
        };

    private static void Common(Record record, ZipEntry entry, bool isLarge)
    {
        var isFollowed = entry.SizeBytes > 0;
        var (time, date) = DosTime(entry.ModifiedAt);
        record.Add(isLarge ? Version45 : Version20).Add((ushort)(Utf8 | (isFollowed ? Followed : 0)))
            .Add(isFollowed ? Deflated : (ushort)0).Add(time).Add(date);
    }

    private static void Name(Record record, ZipEntry entry, int extraBytes) =>
        record.Add((ushort)Encoding.UTF8.GetByteCount(entry.Path)).Add((ushort)extraBytes);

    // The time to the second and in UTC, which the older field does not say.
    private static void Time(Record record, ZipEntry entry) =>
        record.Add((ushort)0x5455).Add((ushort)5).Add((byte)1)
            .Add((uint)(int)Math.Clamp(entry.ModifiedAt.ToUnixTimeSeconds(), 0, int.MaxValue));

    private static (ushort Time, ushort Date) DosTime(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return utc.Year < 1980
            ? ((ushort)0, (ushort)((1 << 5) | 1))
            : ((ushort)((utc.Hour << 11) | (utc.Minute << 5) | (utc.Second / 2)),
                (ushort)(((Math.Min(utc.Year, 2107) - 1980) << 9) | (utc.Month << 5) | utc.Day));
    }

    /// <summary>Little-endian figures, one after the other.</summary>
    private sealed class Record(int length)
    {
        private int at;

        public byte[] Bytes { get; } = new byte[length];

        public Record Add(byte figure)
        {
            Bytes[at++] = figure;
            return this;
        }

        public Record Add(ushort figure)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(at), figure);
            at += sizeof(ushort);
            return this;
        }

        public Record Add(uint figure)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at), figure);
            at += sizeof(uint);
            return this;
        }

        public Record Add(long figure)
        {
            BinaryPrimitives.WriteInt64LittleEndian(Bytes.AsSpan(at), figure);
            at += sizeof(long);
            return this;
        }

        public void Text(string text) => at += Encoding.UTF8.GetBytes(text, Bytes.AsSpan(at));
    }
}
