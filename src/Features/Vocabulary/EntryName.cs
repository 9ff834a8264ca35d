using System.Globalization;
using System.Text;

namespace EventFiles.Features.Vocabulary;

/// <summary>What a file or folder may be called, and when two names are the same.</summary>
public static class EntryName
{
    /// <summary>The longest name, in UTF-8 bytes: what every common file system can hold.</summary>
    public const int MaxBytes = 255;

    /// <summary>Somebody else in the folder has that name.</summary>
    public static readonly Rejection Taken = new(
        "folders.name-taken", RejectionKind.Conflict, "The folder has an entry of that name.");

    /// <summary>Why this cannot be a name, in one sentence; null when it can.</summary>
    public static string? Problem(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return "A name has at least one visible character.";
        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
            return "A name has at most 255 bytes in UTF-8.";
        if (name is "." or "..")
            return "A name is not a dot or two dots.";
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0)
            return "A name has no slash or backslash.";
        if (name.EnumerateRunes().Any(IsUnprintable))
            return "A name has no control, direction-changing or broken characters.";
        return null;
    }

    /// <summary>Two names with the same key are the same name: composition and case make no difference.</summary>
    public static string Key(string name) => name.Normalize(NormalizationForm.FormC).ToUpperInvariant();

    /// <summary>The name with a number before its extension: <c>report (2).pdf</c>, kept within the limit.</summary>
    public static string Numbered(string name, int number)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        var suffix = string.Create(CultureInfo.InvariantCulture, $" ({number})") + extension;
        while (stem.Length > 0 && Encoding.UTF8.GetByteCount(stem) + Encoding.UTF8.GetByteCount(suffix) > MaxBytes)
            stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        return stem + suffix;
    }

    // U+202A–202E and U+2066–2069 change the direction of what follows: "exe.txt" may be shown for "txt.exe". The last two
    // of every plane and U+FDD0–FDEF are no characters, and cannot be normalised.
    internal static bool IsUnprintable(Rune rune) =>
        rune == Rune.ReplacementChar || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF || Rune.IsControl(rune) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
