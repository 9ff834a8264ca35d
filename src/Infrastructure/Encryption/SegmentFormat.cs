namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// How long things are and where they lie. A stored segment takes 64 KiB, what encryption adds included, so that segments
/// begin where pages of a disk, parts of an upload and blocks of a checksum begin; the first one holds the header too.
/// </summary>
/// <remarks><c>header 144 | nonce 12 | ciphertext | tag 16</c>, then <c>nonce 12 | ciphertext | tag 16</c>, the last one shorter.</remarks>
internal static class SegmentFormat
{
    /// <summary>Of a segment as it is stored, but for the last.</summary>
    public const int SlotBytes = 64 * 1024;

    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    /// <summary>What encryption adds to a segment.</summary>
    public const int OverheadBytes = NonceBytes + TagBytes;

    /// <summary>The plain bytes of a segment, but for the first and the last.</summary>
    public const int PlainBytes = SlotBytes - OverheadBytes;

    /// <summary>The plain bytes of the first segment when it is not the last.</summary>
    public const int FirstPlainBytes = PlainBytes - ObjectHeader.Bytes;

    /// <summary>How many plain bytes a whole segment takes.</summary>
    public static int Capacity(long segment) => segment == 0 ? FirstPlainBytes : PlainBytes;

    /// <summary>The plain position at which a segment begins.</summary>
    public static long Start(long segment) => segment == 0 ? 0 : FirstPlainBytes + ((segment - 1) * PlainBytes);

    /// <summary>The segment in which a plain position lies.</summary>
    public static long At(long position) => position < FirstPlainBytes ? 0 : 1 + ((position - FirstPlainBytes) / PlainBytes);

    /// <summary>The last segment of so many plain bytes; an empty object has one too.</summary>
    public static long Last(long plainBytes) => plainBytes == 0 ? 0 : At(plainBytes - 1);

    /// <summary>How long an object is when it is stored without gaps.</summary>
    public static long Stored(long plainBytes)
    {
        var last = Last(plainBytes);
        return (last * SlotBytes) + (last == 0 ? ObjectHeader.Bytes : 0) + OverheadBytes + plainBytes - Start(last);
    }

    /// <summary>How many plain bytes are in an object of that length without gaps; null when none is so long.</summary>
    public static long? Plain(long storedBytes)
    {
        if (storedBytes < ObjectHeader.Bytes + OverheadBytes)
            return null;
        var last = (storedBytes - 1) / SlotBytes;
        var bytes = storedBytes - (last * SlotBytes) - OverheadBytes - (last == 0 ? ObjectHeader.Bytes : 0);
        return bytes > 0 || last == 0 ? Start(last) + bytes : null;
    }
}
