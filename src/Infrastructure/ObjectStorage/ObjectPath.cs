using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>
/// Where a key's file is, and back. A key is checked to the letter before it becomes a path, and the marks of our own
/// (<c>~</c>, <c>+</c>) are no letters of keys: no key can name a directory above, a growing file or another key's folder.
/// </summary>
/// <remarks>
/// <c>raw/0197…2f</c> lies in <c>raw/2f/0197…2f</c>; <c>processed/0197…2f/1/thumbnail</c> in
/// <c>processed/2f/0197…2f+/1+/thumbnail</c>; what follows a point changes nothing. The last two digits of a UUIDv7 are random: 256 even shards an area.
/// </remarks>
internal static class ObjectPath
{
    /// <summary>The end of the name of a file that still grows.</summary>
    public const string Growing = "~growing";

    private const char Folder = '+';
    private const int MaxKeyLength = 200;

    /// <summary>The key's place below the store's directory, sealed.</summary>
    /// <exception cref="ArgumentException">The key is not made of two or more plain segments.</exception>
    public static string Of(ObjectKey key)
    {
        var segments = Require(key);
        return Path.Combine(
            [segments[0], ShardOf(segments[1]), .. segments[1..^1].Select(segment => segment + Folder), segments[^1]]);
    }

    /// <summary>The segments of a key that is one; no store takes another.</summary>
    /// <exception cref="ArgumentException">The key is not made of two or more plain segments.</exception>
    public static string[] Require(ObjectKey key)
    {
        var segments = (key.Value ?? "").Split('/');
        return key.Value is { Length: > 0 and <= MaxKeyLength } && segments.Length >= 2 && segments.All(IsPlain)
            ? segments
            : throw new ArgumentException("An object key is two or more segments of a-z, 0-9, '-', '_' and inner '.'.", nameof(key));
    }

    /// <summary>
    /// The one directory below which all keys with this prefix lie, when the prefix names its second segment whole;
    /// else null.
    /// </summary>
    public static string? FolderOf(string prefix)
    {
        var segments = prefix.Split('/');
        return segments.Length > 2 && IsPlain(segments[0]) && IsPlain(segments[1])
            ? Path.Combine(segments[0], ShardOf(segments[1]), segments[1] + Folder)
            : null;
    }

    /// <summary>The key of a file below the store's directory.</summary>
    public static ObjectKey KeyOf(string relativePath)
    {
        var segments = relativePath.Split(Path.DirectorySeparatorChar);
        var name = segments[^1].EndsWith(Growing, StringComparison.Ordinal) ? segments[^1][..^Growing.Length] : segments[^1];
        return new(string.Join('/', [segments[0], .. segments[2..^1].Select(folder => folder.TrimEnd(Folder)), name]));
    }

    private static string ShardOf(string segment) =>
        Guid.TryParseExact(segment.Split('.')[0], "D", out var id)
            ? $"{id}"[^2..]
            : SHA256.HashData(Encoding.ASCII.GetBytes(segment))[0].ToString("x2", CultureInfo.InvariantCulture);

    private static bool IsPlain(string segment) =>
        segment.Length > 0 && segment[0] != '.' && segment[^1] != '.'
        && segment.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_' or '.');
}
