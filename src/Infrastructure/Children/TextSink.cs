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

/// <summary>The text of a plain text, in UTF-8.</summary>
internal static class PlainText
{
    public static byte[] Of(ReadOnlySpan<byte> original)
    {
        var sink = new TextSink();
        var content = original[..Math.Min(original.Length, 2 * TextSink.MaxBytes)];
        sink.Add(TextEncodings.Decoded(content, isCut: content.Length > TextSink.MaxBytes));
        return sink.ToUtf8();
    }
}
