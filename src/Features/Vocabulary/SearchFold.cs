using System.Globalization;
using System.Text;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Makes one spelling of many: small letters without accents and widths, words apart. What is kept and what is asked for go
/// through it, so it matters little what it does as long as it does the same.
/// </summary>
public static class SearchFold
{
    /// <summary>A longer word is none that somebody looks for.</summary>
    public const int LongestWord = 64;

    /// <summary>The words of a text, folded, with single spaces between.</summary>
    public static string Of(string text) => string.Join(' ', Words(text).Select(word => word.Folded));

    /// <summary>The words of a text, folded, and where each stands in it.</summary>
    public static IEnumerable<FoldedWord> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = -1;
        for (var at = 0; at <= text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, Math.Min(at, Math.Max(0, text.Length - 1)), out var rune) && at < text.Length;
            var length = isRune ? rune.Utf16SequenceLength : 1;
            var isWord = isRune && IsOfWord(rune);
            var isAlone = isWord && StandsAlone(rune);
            if (start >= 0 && (!isWord || isAlone))
            {
                if (Folded(text[start..at]) is { Length: > 0 and <= LongestWord } folded)
                    yield return new FoldedWord(start, at - start, folded);
                start = -1;
            }

            if (isAlone)
                yield return new FoldedWord(at, length, Folded(text.Substring(at, length)));
            else if (isWord && start < 0)
                start = at;
            at += length;
        }
    }

    private static bool IsOfWord(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // Chinese and Japanese put no spaces between words: each character is looked for by itself, several as a phrase.
    private static bool StandsAlone(Rune rune) => rune.Value is (>= 0x2E80 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    private static string Folded(string word)
    {
        var folded = new StringBuilder(word.Length);
        foreach (var rune in word.ToLowerInvariant().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark)
                continue;
            switch (rune.Value)
            {
                case 'ß':
                    folded.Append("ss");
                    break;
                case 'æ':
                    folded.Append("ae");
                    break;
                case 'œ':
                    folded.Append("oe");
                    break;
                case 'ø':
                    folded.Append('o');
                    break;
                case 'ł':
                    folded.Append('l');
                    break;
                case 'đ' or 'ð':
                    folded.Append('d');
                    break;
                case 'ı':
                    folded.Append('i');
                    break;
                case 'ς':
                    folded.Append('σ');
                    break;
                default:
                    if (Rune.IsLetterOrDigit(rune))
                        folded.Append(rune.ToString());
                    break;
            }
        }

        return folded.ToString();
    }
}

/// <summary>A word and where it stands, in UTF-16 units.</summary>
public readonly record struct FoldedWord(int Start, int Length, string Folded);
