using System.Text.Json;
using EventFiles.Features.Audit;

namespace EventFiles.Features.Tests.Audit;

public sealed class TrailLinesTests
{
    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-2+3", "\"'-2+3\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("a,b\r\n\"c\"", "\"a,b\r\n\"\"c\"\"\"")]
    [InlineData("Olga", "\"Olga\"")]
    [InlineData("", "\"\"")]
    [InlineData(null, "\"\"")]
    public void No_cell_is_a_formula_or_ends_early(string? text, string cell) => Assert.Equal(cell, TrailLines.Cell(text));

    [Fact]
    public void A_row_has_a_cell_for_each_column_whatever_somebody_is_called()
    {
        var entry = new TrailEntry(
            7, DateTimeOffset.UnixEpoch, TrailOutcome.Refused, "audit.refused.v1", "Login", "api",
            new HistoryActor(new AccountId(Guid.Empty), "=cmd|' /C calc'!A0"), "192.0.2.1", null, "refused-x", 1, Guid.Empty, "trace", null,
            JsonSerializer.SerializeToElement(new { address = "192.0.2.1" }));
        Assert.Equal(TrailLines.Head.Count(one => one == ',') + 1, TrailLines.Csv(entry).Split("\",\"").Length);
        Assert.Contains(",\"'=cmd|' /C calc'!A0\",", TrailLines.Csv(entry), StringComparison.Ordinal);
        using var line = JsonDocument.Parse(TrailLines.Ndjson(entry));
        Assert.Equal(("refused", "=cmd|' /C calc'!A0"), (
            line.RootElement.GetProperty("outcome").GetString(), line.RootElement.GetProperty("actor").GetProperty("displayName").GetString()));
        Assert.Equal(1, TrailLines.Ndjson(entry).Count(one => one == '\n'));
    }
}
