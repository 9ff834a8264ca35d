using System.Xml.Linq;
using EventFiles.Infrastructure.QrCodes;

namespace EventFiles.Infrastructure.Tests.QrCodes;

/// <summary>What a camera reads is shown by the page's tests; here is what cannot be drawn.</summary>
public sealed class SvgQrCodesTests
{
    private const int Longest = 2331;

    [Fact]
    public void The_longest_text_is_drawn_as_one_well_formed_picture_and_a_longer_one_is_refused()
    {
        var drawn = XDocument.Parse(new SvgQrCodes().Draw(new string('x', Longest)));

        Assert.Equal("0 0 185 185", drawn.Root!.Attribute("viewBox")!.Value);
        Assert.Throws<ArgumentException>(() => new SvgQrCodes().Draw(new string('x', Longest + 1)));
    }
}
