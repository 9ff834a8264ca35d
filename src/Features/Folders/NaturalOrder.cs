using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace EventFiles.Features.Folders;

/// <summary>
/// The one order of names, in every script and for every reader: a sort text that follows from the name alone, so that
/// nodes, rebuilds and machines of any language agree (ADR 48). Spaces and punctuation come first, then numbers by their
/// value, then letters; case and accents count only between names that are otherwise the same.
/// </summary>
public static class NaturalOrder
{
    // A name of 255 bytes can be written with characters of which each stands for many.
    private const int MaxLength = 512;

    // Sorts before everything that a text is made of.
    private const char End = '\u0001';

    // Sorts after all Cyrillic letters: И and this stand behind every word that begins with И.
    private const string After = "\u04FE";

    // Letters that no decomposition takes apart, and those whose number in the code is not their place in the alphabet.
    private static readonly FrozenDictionary<char, string> Letters = new Dictionary<char, string>
    {
        ['Æ'] = "AE",
        ['Œ'] = "OE",
        ['ß'] = "SS",
        ['ẞ'] = "SS",
        ['Þ'] = "TH",
        ['Ø'] = "O",
        ['Ł'] = "L",
        ['Đ'] = "D",
        ['Ð'] = "D",
        ['Ħ'] = "H",
        ['Ŧ'] = "T",
        ['Ŋ'] = "N",
        ['ı'] = "I",
        ['Ё'] = "Е",
        ['Ѐ'] = "Е",
        ['Ѝ'] = "И",
        ['Ґ'] = "Г" + After,
        ['Ђ'] = "Д" + After,
        ['Ѓ'] = "Г" + After,
        ['Є'] = "Е" + After,
        ['Ѕ'] = "З" + After,
        ['І'] = "И" + After,
        ['Ї'] = "И" + After + After,
        ['Ј'] = "Й" + After,
        ['Љ'] = "Л" + After,
        ['Њ'] = "Н" + After,
        ['Ћ'] = "Т" + After,
        ['Ќ'] = "К" + After,
        ['Ў'] = "У" + After,
        ['Џ'] = "Ч" + After,
    }.ToFrozenDictionary();

    /// <summary>The sort text of a name; compared character by character.</summary>
    public static string Of(string name)
    {
        var key = EntryName.Key(name);
        var text = Ascii.IsValid(key) ? key : Plain(key);
        var sort = new StringBuilder(text.Length + 8);
        var isWhole = ReferenceEquals(text, key);
        for (var at = 0; at < text.Length && sort.Length < MaxLength;)
        {
            var one = text[at];
            if (char.IsAsciiDigit(one))
            {
                at = Number(text, at, sort, ref isWhole);
                continue;
            }

            // Every letter's character is above those of digits; of the others only the space has its own place.
            if (one != ' ' && !IsLetter(one))
                sort.Append('!');
            sort.Append(one);
            at++;
        }

        return isWhole ? sort.ToString() : sort.Append(End).Append(key).ToString();
    }

    // The longer of two numbers without leading zeros is the greater one; a name has fewer than 1000 digits.
    private static int Number(string text, int from, StringBuilder sort, ref bool isWhole)
    {
        var end = from;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        var first = from;
        while (first < end - 1 && text[first] == '0')
            first++;
        isWhole &= first == from;
        sort.Append((end - first).ToString("D3", CultureInfo.InvariantCulture)).Append(text, first, end - first);
        return end;
    }

    private static bool IsLetter(char one) => one is >= 'A' and <= 'Z' || (one > '\u007F' && char.GetUnicodeCategory(one)
        is not (UnicodeCategory.SpaceSeparator or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol
            or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol));

    // Without accents, widths and ligatures, and with digits of all scripts as those of one.
    private static string Plain(string key)
    {
        var plain = new StringBuilder(key.Length + 8);
        foreach (var rune in key.EnumerateRunes())
        {
            if (rune.IsAscii || !rune.IsBmp || IsOneLetter(rune.Value))
            {
                plain.Append(Letter(rune));
                continue;
            }

            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
            {
                if (!IsAccent(part.Value))
                    plain.Append(Letter(Rune.ToUpperInvariant(part)));
            }
        }

        return plain.ToString();
    }

    private static string Letter(Rune rune) =>
        rune.IsBmp && Letters.TryGetValue((char)rune.Value, out var letters) ? letters
        // Hiragana and katakana are the same syllables.
        : rune.Value is >= 0x3041 and <= 0x3096 ? ((char)(rune.Value + 0x60)).ToString()
        : CharUnicodeInfo.GetDecimalDigitValue(rune.ToString(), 0) is var digit and >= 0 ? digit.ToString(CultureInfo.InvariantCulture)
        : rune.ToString();

    // Cyrillic letters and Korean syllables would be taken apart into what is not their order.
    private static bool IsOneLetter(int rune) => rune is (>= 0x0400 and <= 0x052F) or (>= 0xAC00 and <= 0xD7A3);

    // Marks that an alphabet adds to its letters; those that are vowels of their own, as in India and Thailand, stay.
    private static bool IsAccent(int rune) => rune is
        (>= 0x0300 and <= 0x036F) or (>= 0x0591 and <= 0x05C7) or (>= 0x064B and <= 0x065F) or 0x0670
        or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or 0x3099 or 0x309A
        or (>= 0xFE20 and <= 0xFE2F);
}
