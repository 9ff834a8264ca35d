using EventFiles.Features.Zip;

namespace EventFiles.Features.Tests.Zip;

public sealed class ZipNamesTests
{
    [Theory]
    [InlineData("report.pdf")]
    [InlineData("Größe & 履歴書.txt")]
    [InlineData(".hidden")]
    [InlineData(" leading")]
    [InlineData("console.log")]
    [InlineData("a..b")]
    [InlineData("😀")]
    public void A_name_that_is_right_everywhere_stays(string name) => Assert.Equal(name, ZipNames.Safe(name));

    [Theory]
    [InlineData("C:evil", "C_evil")]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("..\\x", ".._x")]
    [InlineData("..", ".._")]
    [InlineData(".. ", ".. _")]
    [InlineData("a.", "a._")]
    [InlineData("", "_")]
    [InlineData("CON", "_CON")]
    [InlineData("nul.txt", "_nul.txt")]
    [InlineData("a\u0000b\nc", "a_b_c")]
    [InlineData("<what>?|*\"", "_what_____")]
    public void What_would_lead_elsewhere_or_be_no_name_is_made_one(string name, string safe) =>
        Assert.Equal(safe, ZipNames.Safe(name));

    [Fact]
    public void Names_that_some_system_takes_for_the_same_are_told_apart()
    {
        var names = new ZipNames();
        Assert.Equal("a_b.txt", names.Take("a:b.txt"));
        Assert.Equal("A_B (1).txt", names.Take("A_B.txt"));
        Assert.Equal("caf\u00e9", names.Take("caf\u00e9"));
        Assert.Equal("cafe\u0301 (1)", names.Take("cafe\u0301"));
        Assert.Equal("a_b (2).txt", names.Take("a?b.txt"));
    }
}
