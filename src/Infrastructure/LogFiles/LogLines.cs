using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Lines of a log file to what they say, and back.</summary>
internal static class LogLines
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static byte[] Write<TLine>(TLine line) => LogFile.Seal(JsonSerializer.SerializeToUtf8Bytes(line, Json));

    public static byte[] Write(LogEvent happened)
    {
        var buffer = new ArrayBufferWriter<byte>(happened.Data.Length + 512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("position", happened.Position);
            json.WriteString("id", happened.Id);
            json.WriteString("stream", happened.Stream);
            json.WriteNumber("version", happened.Version);
            json.WriteString("type", happened.Type);
            json.WriteString("at", happened.At);
            WriteText(json, "tenant", happened.Tenant);
            WriteText(json, "actor", happened.Actor);
            WriteText(json, "correlationId", happened.CorrelationId);
            WriteText(json, "causationId", happened.CausationId);
            WriteText(json, "dotnetType", happened.DotnetType);
            if (happened.IsArchived)
                json.WriteBoolean("archived", true);
            if (happened.Headers is { } headers)
            {
                json.WritePropertyName("headers");
                json.WriteRawValue(headers);
            }

            if (happened.Binary is { } binary)
                json.WriteBase64String("binary", binary);
            json.WritePropertyName("data");
            json.WriteRawValue(happened.Data);
            if (happened.Private is { } row)
            {
                json.WriteStartObject("private");
                json.WriteString("tenant", row.Tenant);
                json.WriteBase64String("salt", row.Salt);
                json.WriteBase64String("fields", row.Fields);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return LogFile.Seal(buffer.WrittenSpan);
    }

    /// <summary>
    /// What a line says: <see cref="LogHeader"/>, <see cref="LogEvent"/>, <see cref="LogPassword"/>,
    /// <see cref="LogChunkEnd"/> or <see cref="LogManifest"/>.
    /// </summary>
    /// <exception cref="LogFileException">It says none of them.</exception>
    public static object Read(byte[] line, long number)
    {
        if (!LogFile.IsWhole(line))
        {
            throw number == 1 && !line.AsSpan().StartsWith("{\"log\":"u8)
                ? new LogFileException(LogFileException.OtherFormat, number, "is not how a log file begins.")
                : new LogFileException(LogFileException.Damaged, number, "is not as it was written: its sum is another.");
        }

        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            foreach (var first in root.EnumerateObject())
            {
                return first.Name switch
                {
                    "position" => Event(root),
                    "chunk" => root.Deserialize<LogChunkEnd>(Json)!,
                    "password" => root.Deserialize<LogPassword>(Json)!,
                    "log" => root.Deserialize<LogHeader>(Json)!,
                    "manifest" => root.Deserialize<LogManifest>(Json)!,
                    _ => throw new FormatException("It begins like no line of a log."),
                };
            }

            throw new FormatException("It says nothing.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new LogFileException(LogFileException.OtherFormat, number, $"cannot be read. {unreadable.Message}");
        }
    }

    private static LogEvent Event(JsonElement json) => new(
        json.GetProperty("position").GetInt64(),
        json.GetProperty("id").GetGuid(),
        Required(json, "stream"),
        json.GetProperty("version").GetInt64(),
        Required(json, "type"),
        json.GetProperty("at").GetDateTimeOffset().UtcDateTime,
        Text(json, "tenant"),
        Text(json, "actor"),
        Text(json, "correlationId"),
        Text(json, "causationId"),
        Raw(json, "headers"),
        Raw(json, "data")!,
        json.TryGetProperty("binary", out var binary) ? binary.GetBytesFromBase64() : null,
        Text(json, "dotnetType"),
        json.TryGetProperty("archived", out var archived) && archived.GetBoolean(),
        json.TryGetProperty("private", out var row)
            ? new LogPrivate(
                Required(row, "tenant"), row.GetProperty("salt").GetBytesFromBase64(),
                row.GetProperty("fields").GetBytesFromBase64())
            : null);

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static string Required(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static byte[]? Raw(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? JsonMarshal.GetRawUtf8Value(value).ToArray() : null;
}
