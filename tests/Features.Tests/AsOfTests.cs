using System.Globalization;

namespace EventFiles.Features.Tests;

public sealed class AsOfTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.0000000+00:00")]
    [InlineData("2026-03-01t12:00:00z", "2026-03-01T12:00:00.0000000+00:00")]
    [InlineData("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.5000000+00:00")]
    [InlineData("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.1234567+00:00")]
    [InlineData("2026-03-01T14:30:00.000001+02:30", "2026-03-01T12:00:00.0000010+00:00")]
    [InlineData("2026-03-01T07:00:00.1234567891234-05:00", "2026-03-01T12:00:00.1234567+00:00")]
    public void A_time_is_read_in_any_spelling_of_the_standard(string text, string time) =>
        Assert.Equal(new AsOf(null, DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)), AsOf.Parse(text));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("17", 17)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_number_is_a_position(string text, long position) => Assert.Equal(new AsOf(position, null), AsOf.Parse(text));

    [Fact]
    public void One_moment_has_one_spelling() =>
        Assert.Equal($"{AsOf.Parse("2026-03-01T12:00:00Z")}", $"{AsOf.Parse("2026-03-01T14:00:00.000+02:00")}");

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("yesterday")]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T12:00Z")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01 12:00:00Z")]
    [InlineData("2026-03-01T12:00:00 01:00")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("2026-03-01T12:00:00+0100")]
    [InlineData("2026-03-01T12:00:00Z\n")]
    [InlineData("2026-03-01T12:00:00.Z")]
    public void Anything_else_is_no_moment(string text) => Assert.Null(AsOf.Parse(text));
}
