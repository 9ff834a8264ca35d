using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Verify;

/// <summary>
/// A whole log as <c>events export</c> writes it, against a checkpoint: every event is hashed again, every stream's events
/// follow each other, and the root is the one that was signed.
/// </summary>
internal static class ExportedLog
{
    private const int LongestBody = 60_000;

    // What stands in an export beside events.
    private static readonly string[] Others = ["{\"log\":", "{\"chunk\":", "{\"password\":", "{\"manifest\":"];

    public static Verdict Verify(string path, Trusted trusted)
    {
        if (trusted.Remembered is not { } checkpoint)
            return new Verdict(false, "export", "An exported log is verified against a checkpoint: name one.");
        if (Verification.Signed(checkpoint, trusted, null, "export") is { } wrong)
            return wrong;
        var (root, atCheckpoint) = (new RunningRoot(), checkpoint.Size == 0 ? new RunningRoot().Root() : null);
        var streams = new Dictionary<string, long>(StringComparer.Ordinal);
        var (number, position) = (0L, 0L);
        Verdict Bad(string what) => new(false, "export", what) { TreeSize = checkpoint.Size, FirstBadIndex = root.Size };
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (!line.StartsWith("{\"position\":", StringComparison.Ordinal))
            {
                if (Others.Any(start => line.StartsWith(start, StringComparison.Ordinal)))
                    continue;
                return Bad(string.Create(CultureInfo.InvariantCulture, $"Line {number} is none of a log."));
            }

            using var json = Parsed(line);
            if (json is null)
                return Bad(string.Create(CultureInfo.InvariantCulture, $"Line {number} cannot be read."));
            var happened = json.RootElement;
            if (happened.GetProperty("position").GetInt64() is var next && next <= position)
                return Bad(string.Create(CultureInfo.InvariantCulture, $"Line {number} is out of order."));
            position = next;
            var (stream, version) = (happened.GetProperty("stream").GetString()!, happened.GetProperty("version").GetInt64());
            if (version != streams.GetValueOrDefault(stream) + 1)
                return Bad(string.Create(CultureInfo.InvariantCulture, $"Line {number} does not continue the stream {stream}."));
            streams[stream] = version;
            root.Add(Merkle.LeafHash(Leaf(happened)));
            if (root.Size == checkpoint.Size)
                atCheckpoint = root.Root();
        }

        return atCheckpoint is null
                ? Bad(string.Create(CultureInfo.InvariantCulture, $"It holds {root.Size} events, and the checkpoint covers {checkpoint.Size}: the end is missing."))
            : !atCheckpoint.AsSpan().SequenceEqual(checkpoint.Root)
                ? new Verdict(false, "export", "Its events are not those that the log signed.") { TreeSize = checkpoint.Size }
            : Verification.Good("export", checkpoint, string.Create(
                CultureInfo.InvariantCulture,
                $"{checkpoint.Size} events in {streams.Count} streams are those that {checkpoint.Origin} signed{(root.Size > checkpoint.Size ? $"; {root.Size - checkpoint.Size} came later" : "")}."));
    }

    /// <summary>The bytes that were hashed of an event (docs/adr/0056).</summary>
    internal static byte[] Leaf(JsonElement happened)
    {
        var text = new StringBuilder(512);
        text.Append(CultureInfo.InvariantCulture, $"{{\"position\":{happened.GetProperty("position").GetInt64()},\"id\":\"{happened.GetProperty("id").GetGuid()}\"");
        Append(text, happened, "stream");
        text.Append(CultureInfo.InvariantCulture, $",\"version\":{happened.GetProperty("version").GetInt64()}");
        Append(text, happened, "type");
        text.Append(CultureInfo.InvariantCulture, $",\"at\":\"{happened.GetProperty("at").GetDateTimeOffset().UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffff}Z\"");
        foreach (var name in new[] { "tenant", "actor", "correlationId", "causationId" })
            Append(text, happened, name);
        text.Append(",\"headers\":").Append(happened.TryGetProperty("headers", out var headers) ? Raw(headers) : "null");
        var body = Raw(happened.GetProperty("data"));
        text.Append(Encoding.UTF8.GetByteCount(body) <= LongestBody
            ? $",\"data\":{body}}}"
            : $",\"dataSha256\":\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}\"}}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // As it stands in the line, and not as it would be written: numbers and spaces count.
    private static string Raw(JsonElement value) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));

    private static void Append(StringBuilder text, JsonElement happened, string name)
    {
        text.Append(CultureInfo.InvariantCulture, $",\"{name}\":");
        if (!happened.TryGetProperty(name, out var value) || value.GetString() is not { } said)
        {
            text.Append("null");
            return;
        }

        text.Append('"');
        foreach (var letter in said)
        {
            if (letter is < ' ' or '"' or '\\')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                text.Append(letter);
        }

        text.Append('"');
    }

    private static JsonDocument? Parsed(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
