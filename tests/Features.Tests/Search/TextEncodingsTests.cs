using System.Text;
using EventFiles.Features.Vocabulary;

namespace EventFiles.Features.Tests.Search;

public sealed class TextEncodingsTests
{
    private const string Words = "Grüße aus Zürich";

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("iso-8859-1", false)]
    public void Words_are_the_same_whatever_they_are_written_in(string name, bool isMarked)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] content = [.. isMarked ? encoding.GetPreamble() : [], .. encoding.GetBytes(Words)];

        Assert.Equal(Words, TextEncodings.Decoded(content, isCut: false));
    }

    [Fact]
    public void A_character_that_was_cut_off_changes_no_other()
    {
        var content = Encoding.UTF8.GetBytes("Grüße €")[..^1];

        Assert.StartsWith("Grüße ", TextEncodings.Decoded(content, isCut: true), StringComparison.Ordinal);
        Assert.StartsWith("GrÃ", TextEncodings.Decoded(content, isCut: false), StringComparison.Ordinal);
        Assert.Equal("", TextEncodings.Decoded([], isCut: true));
    }
}
