using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Where a view stands in an index.</summary>
internal readonly record struct Place(string Sort, string Key)
{
    // Longer than any sort text and key of ours; a longer cursor is not worth decoding.
    private const int LongestCursor = 8192;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>By sort, then by key, character by character: the order of their bytes in UTF-8, which every store can keep.</summary>
    public static readonly IComparer<Place> Order = Comparer<Place>.Create((one, other) =>
        Compare(one.Sort, other.Sort) is var bySort and not 0 ? bySort : Compare(one.Key, other.Key));

    /// <summary>The cursor that goes on after this place.</summary>
    public string ToCursor() =>
        Base64Url.EncodeToString(Strict.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Sort.Length}:{Sort}{Key}")));

    /// <summary>The place that <see cref="ToCursor"/> was asked of.</summary>
    /// <exception cref="BadCursorException">It was never asked of one.</exception>
    public static Place FromCursor(string cursor)
    {
        if (cursor.Length > LongestCursor || !Base64Url.IsValid(cursor))
            throw new BadCursorException();

        string text;
        try
        {
            text = Strict.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (DecoderFallbackException)
        {
            throw new BadCursorException();
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0
            || !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > text.Length - colon - 1)
            throw new BadCursorException();

        var place = new Place(text.Substring(colon + 1, length), text[(colon + 1 + length)..]);
        // One place has one spelling: white space, padding and leading zeros are not ours.
        return string.Equals(place.ToCursor(), cursor, StringComparison.Ordinal) ? place : throw new BadCursorException();
    }

    private static int Compare(string one, string other)
    {
        var same = one.AsSpan().CommonPrefixLength(other);
        return same == one.Length || same == other.Length
            ? one.Length.CompareTo(other.Length)
            : Rank(one[same]).CompareTo(Rank(other[same]));
    }

    // UTF-16 writes the highest characters as pairs from D800–DFFF, below E000–FFFF, which they belong above.
    private static int Rank(char unit) => unit switch
    {
        < '\uD800' => unit,
        < '\uE000' => unit + 0x2000,
        _ => unit - 0x800,
    };
}
