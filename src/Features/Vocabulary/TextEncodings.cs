using System.Text;
using System.Text.Unicode;

namespace EventFiles.Features.Vocabulary;

/// <summary>What a plain text says, whatever it is written in.</summary>
public static class TextEncodings
{
    // Of a character that was cut off at most so many bytes are there.
    private const int MostOfACharacter = 3;

    /// <summary>UTF-8, UTF-16 with a mark, or, when it is neither, the encoding of western Europe, which has a letter for every byte.</summary>
    /// <param name="isCut">It is the beginning of a longer one: its last character may not be whole.</param>
    public static string Decoded(ReadOnlySpan<byte> content, bool isCut) => content switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.UTF8.GetString(rest),
        [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
        [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
        _ when IsUtf8(content, isCut) => Encoding.UTF8.GetString(content),
        _ => Encoding.Latin1.GetString(content),
    };

    private static bool IsUtf8(ReadOnlySpan<byte> content, bool isCut)
    {
        for (var cut = 0; cut <= Math.Min(isCut ? MostOfACharacter : 0, content.Length); cut++)
        {
            if (Utf8.IsValid(content[..^cut]))
                return true;
        }

        return false;
    }
}
