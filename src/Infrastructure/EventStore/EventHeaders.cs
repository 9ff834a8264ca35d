using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// What stands in <c>mt_events.headers</c>: by which door and with which request it came, and which version of the program
/// wrote it. Few different ones, small, and nothing of a person.
/// </summary>
internal static class EventHeaders
{
    /// <summary>The version of this program.</summary>
    public static readonly string Version = typeof(EventHeaders).Assembly.GetName().Version!.ToString(3);

    private static readonly JsonSerializerOptions Sparing =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly ConcurrentDictionary<(string? Via, string? Request), byte[]> Known = new();

    /// <summary>UTF-8 JSON.</summary>
    public static byte[] Of(Origin origin) => Known.GetOrAdd(
        (origin.Via, origin.Request),
        static from => JsonSerializer.SerializeToUtf8Bytes(new Headers(from.Via, from.Request, Version), Sparing));

    private sealed record Headers(string? Via, string? Request, string Version);
}
