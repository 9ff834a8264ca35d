using System.Text;

namespace EventFiles.Infrastructure.Children;

/// <summary>Collects the words of a document, at most a mebibyte of UTF-8, without what is no text.</summary>
internal sealed class TextSink
{
    /// <summary>No more is kept.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly StringBuilder text = new();
    private int bytes;

    /// <summary>There is no room for more.</summary>
    public bool IsFull { get; private set; }

    public void Add(ReadOnlySpan<char> words)
    {
        foreach (var rune in words.EnumerateRunes())
        {
            if (IsFull)
                return;

            // Databases and terminals stumble over the control characters that decoders leave.
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t'))
                continue;
            if (bytes + rune.Utf8SequenceLength > MaxBytes)
            {
                IsFull = true;
                return;
            }

            text.Append(rune.ToString());
            bytes += rune.Utf8SequenceLength;
        }
    }

    /// <summary>One line feed, unless the line is empty.</summary>
    public void EndLine()
    {
        if (text.Length > 0 && text[^1] != '\n')
            Add("\n");
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(text.ToString());
}

/// <summary>Text in UTF-8, in UTF-16 with a mark, or, when it is neither, in the encoding of western Europe.</summary>
internal static class PlainText
{
    public static byte[] Of(ReadOnlySpan<byte> original)
    {
        var sink = new TextSink();
        var content = original[..Math.Min(original.Length, 2 * TextSink.MaxBytes)];
        sink.Add(content switch
        {
            [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.UTF8.GetString(rest),
            [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
            [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
            _ when IsUtf8(content) => Encoding.UTF8.GetString(content),
            _ => Encoding.Latin1.GetString(content),
        });
        return sink.ToUtf8();
    }

    // Of a long text the last character may have been cut off.
    private static bool IsUtf8(ReadOnlySpan<byte> content)
    {
        var most = content.Length > TextSink.MaxBytes ? 3 : 0;
        for (var cut = 0; cut <= most; cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(content[..^cut]))
                return true;
        }

        return false;
    }
}
