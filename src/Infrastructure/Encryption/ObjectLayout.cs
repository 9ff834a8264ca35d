using System.Buffers.Binary;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>From a segment on, the segments lie in a row.</summary>
/// <param name="Slot">Where it lies, in slots of 64 KiB from the beginning.</param>
internal sealed record SegmentRun(long Segment, long Slot);

/// <summary>
/// Where the segments of a stored object are. Almost always one after the other. Between them there are gaps when an append
/// died after its bytes were stored and before anybody said so: then the object ends with a list of its runs, and with a
/// mark that gives it a length that no object without gaps has.
/// </summary>
internal sealed class ObjectLayout
{
    // A last segment without gaps takes 29 bytes or more beyond whole slots.
    private static readonly byte[] EndMark = "eventfiles: gaps"u8.ToArray();
    private const int LengthBytes = 4;
    private const int PlainLengthBytes = 8;
    private const int RunBytes = 16;
    private const int MaxRuns = 1 << 20;

    private readonly IReadOnlyList<SegmentRun> runs;

    private ObjectLayout(long plainBytes, IReadOnlyList<SegmentRun> runs) => (Plain, this.runs) = (plainBytes, runs);

    /// <summary>How many plain bytes there are.</summary>
    public long Plain { get; }

    public long Last => SegmentFormat.Last(Plain);

    /// <summary>Whether an object of that length ends with a list of its runs.</summary>
    public static bool HasGaps(long storedBytes) => storedBytes % SlotBytes == EndMark.Length && storedBytes > EndMark.Length + SlotBytes;

    /// <summary>The layout of a stored object.</summary>
    /// <exception cref="ObjectDamagedException">Nothing that was written is so long, or its list is not as it was written.</exception>
    public static async Task<ObjectLayout> Of(Stream stored, ObjectCipher cipher, ObjectKey key, CancellationToken cancel)
    {
        if (!HasGaps(stored.Length))
        {
            return SegmentFormat.Plain(stored.Length) is { } plain
                ? new ObjectLayout(plain, [new SegmentRun(0, 0)])
                : throw new ObjectDamagedException($"{key} was cut: nothing that was written has its length.");
        }

        var end = new byte[LengthBytes + EndMark.Length];
        await ReadAt(stored, stored.Length - end.Length, end, cancel);
        var length = BinaryPrimitives.ReadInt32BigEndian(end);
        if (!end.AsSpan(LengthBytes).SequenceEqual(EndMark) || length < OverheadBytes || length > OverheadBytes + PlainLengthBytes + (MaxRuns * RunBytes)
            || stored.Length < EndMark.Length + (ListSlots(length) * SlotBytes))
        {
            throw new ObjectDamagedException($"{key} was cut: its end is not as it was written.");
        }

        var list = new byte[length];
        await ReadAt(stored, stored.Length - EndMark.Length - (ListSlots(length) * SlotBytes), list, cancel);
        return Read(cipher.OpenGaps(list));
    }

    /// <summary>What goes behind the last segment, from the slot after it.</summary>
    public static byte[] End(ObjectCipher cipher, long plainBytes, IReadOnlyList<SegmentRun> runs)
    {
        if (runs.Count > MaxRuns)
            throw new IOException("Writing the object was interrupted too often. Begin anew.");
        var list = new byte[PlainLengthBytes + (runs.Count * RunBytes)];
        BinaryPrimitives.WriteInt64BigEndian(list, plainBytes);
        WriteRuns(runs, list.AsSpan(PlainLengthBytes));
        var stored = cipher.SealGaps(list);
        var end = new byte[(ListSlots(stored.Length) * SlotBytes) + EndMark.Length];
        stored.CopyTo(end, 0);
        BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(end.Length - EndMark.Length - LengthBytes), stored.Length);
        EndMark.CopyTo(end, end.Length - EndMark.Length);
        return end;
    }

    /// <summary>Runs as a row keeps them.</summary>
    public static byte[] ToBytes(IReadOnlyList<SegmentRun> runs)
    {
        var bytes = new byte[runs.Count * RunBytes];
        WriteRuns(runs, bytes);
        return bytes;
    }

    /// <summary>The reverse of <see cref="ToBytes"/>.</summary>
    public static List<SegmentRun> ReadRuns(ReadOnlySpan<byte> bytes)
    {
        var read = new List<SegmentRun>(bytes.Length / RunBytes);
        for (; bytes.Length > 0; bytes = bytes[RunBytes..])
            read.Add(new SegmentRun(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..])));
        return read;
    }

    /// <summary>Where a segment begins, and how many of those from it on lie in a row.</summary>
    public (long At, long InARow) Find(long segment)
    {
        var (low, high) = (0, runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = runs[middle].Segment <= segment ? (middle, high) : (low, middle - 1);
        }

        var end = low + 1 < runs.Count ? runs[low + 1].Segment : Last + 1;
        return ((runs[low].Slot + segment - runs[low].Segment) * SlotBytes, end - segment);
    }

    /// <summary>How many plain bytes a segment holds.</summary>
    public int BytesOf(long segment) => segment < Last ? Capacity(segment) : (int)(Plain - Start(segment));

    /// <summary>Reads exactly so much, or says that it is not there.</summary>
    public static async ValueTask ReadAt(Stream stored, long position, Memory<byte> to, CancellationToken cancel)
    {
        stored.Position = position;
        if (await stored.ReadAtLeastAsync(to, to.Length, throwOnEndOfStream: false, cancel) < to.Length)
            throw new ObjectDamagedException("The object ends too early.");
    }

    private static long ListSlots(int storedList) => (storedList + LengthBytes + SlotBytes - 1) / SlotBytes;

    private static ObjectLayout Read(ReadOnlySpan<byte> list) =>
        new(BinaryPrimitives.ReadInt64BigEndian(list), ReadRuns(list[PlainLengthBytes..]));

    private static void WriteRuns(IReadOnlyList<SegmentRun> runs, Span<byte> to)
    {
        for (var at = 0; at < runs.Count; at++)
        {
            BinaryPrimitives.WriteInt64BigEndian(to[(at * RunBytes)..], runs[at].Segment);
            BinaryPrimitives.WriteInt64BigEndian(to[((at * RunBytes) + 8)..], runs[at].Slot);
        }
    }
}
