using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Audit;

/// <summary>Entries as lines of a file.</summary>
public static class TrailLines
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The columns of a CSV file.</summary>
    public static readonly string Head = Row(
    [
        "position", "at", "outcome", "what", "request", "via", "actorId", "actor", "person", "stream", "version", "eventId",
        "correlationId", "causationId", "details", "address", "space",
    ]);

    /// <summary>One JSON object, ending a line.</summary>
    public static string Ndjson(TrailEntry entry) => JsonSerializer.Serialize(entry, Json) + "\n";

    /// <summary>One row, ending a line.</summary>
    public static string Csv(TrailEntry entry) => Row(
    [
        entry.Position.ToString(CultureInfo.InvariantCulture), entry.At.ToString("O", CultureInfo.InvariantCulture),
        JsonNamingPolicy.CamelCase.ConvertName(entry.Outcome.ToString()), entry.What, entry.Request, entry.Via, $"{entry.Actor?.Id}",
        entry.Actor?.DisplayName, $"{entry.Person}", entry.Stream, entry.Version.ToString(CultureInfo.InvariantCulture),
        $"{entry.EventId}", entry.CorrelationId, entry.CausationId, entry.Details.GetRawText(),
        entry.Address, $"{entry.Space}",
    ]);

    /// <summary>
    /// Whatever a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection): people choose
    /// their own names. Every cell is quoted, so that no separator of any country begins another one.
    /// </summary>
    public static string Cell(string? text)
    {
        var begins = text.AsSpan().TrimStart();
        var isFormula = text is { Length: > 0 } && (text[0] is '\t' or '\r' or '\n'
            || (begins.Length > 0 && begins[0] is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠' or '|' or '%'));
        return $"\"{(isFormula ? "'" : "")}{text?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Row(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";
}
