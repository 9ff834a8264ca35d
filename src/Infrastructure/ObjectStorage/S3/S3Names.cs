using System.Globalization;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// What things are called in the bucket: <c>raw/0197…~</c> and the write's id, and for a piece of a growing object
/// <c>.</c> and its number. A name begins with its key, so that a look into the bucket and a list by a key's beginning work,
/// and is used for one write only. Keys have no <c>~</c>.
/// </summary>
internal sealed class S3Names(string prefix)
{
    private const char Mark = '~';
    private const int IdLength = 32;

    /// <summary>The note of whose bucket this is.</summary>
    public string Owner { get; } = prefix + "~eventfiles";

    /// <summary>The name of a write; with a number, of a piece of it.</summary>
    public string Of(ObjectKey key, Guid write, int piece = 0) => string.Create(
        CultureInfo.InvariantCulture, $"{prefix}{key.Value}{Mark}{write:n}{(piece == 0 ? "" : $".{piece}")}");

    /// <summary>The beginning of the names of all writes of all keys with this beginning.</summary>
    public string Beginning(string keysBeginWith) => prefix + keysBeginWith;

    /// <summary>The beginning of the names of all writes of one key.</summary>
    public string AllOf(ObjectKey key) => $"{prefix}{key.Value}{Mark}";

    /// <summary>What a name stands for; without a write when no program of ours gave it.</summary>
    public (ObjectKey Key, Guid? Write, int Piece) Read(string name)
    {
        var rest = name[prefix.Length..];
        var mark = rest.LastIndexOf(Mark);
        if (mark < 0 || rest.Length < mark + 1 + IdLength
            || !Guid.TryParseExact(rest.AsSpan(mark + 1, IdLength), "N", out var write))
            return (new ObjectKey(rest), null, 0);
        var piece = 0;
        var end = rest[(mark + 1 + IdLength)..];
        return end.Length == 0 || (end[0] == '.' && int.TryParse(end[1..], NumberStyles.None, CultureInfo.InvariantCulture, out piece))
            ? (new ObjectKey(rest[..mark]), write, piece)
            : (new ObjectKey(rest), null, 0);
    }
}

/// <summary>
/// How large parts are. S3 takes 10,000 parts of 5 MiB to 5 GiB and 5 TiB in all, and nobody knows beforehand how much will
/// come: after every thousand parts the size doubles, so that all of the 5 TiB fit, with hundreds of numbers to spare for
/// parts that had to be sent again.
/// </summary>
internal static class PartSizes
{
    /// <summary>The number of what is left when a growing object is sealed. No append takes it.</summary>
    public const int Last = 10_000;

    /// <summary>S3 takes no larger object.</summary>
    public const long MaxObjectBytes = 5L << 40;

    private const long FirstBytes = 8L << 20;
    private const int Doubling = 1_000;

    /// <summary>The bytes of the part that begins so far into the object; the last one may be smaller.</summary>
    public static long At(long position)
    {
        var size = FirstBytes;
        for (; position >= size * Doubling; size *= 2)
            position -= size * Doubling;
        return size;
    }
}
