using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// What stands in <c>mt_events.headers</c>: by which door, with which request and from which of the actor's addresses it came,
/// and which version of the program wrote it. Few different ones, small, and nothing of a person.
/// </summary>
internal static class EventHeaders
{
    /// <summary>The version of this program.</summary>
    public static readonly string Version = typeof(EventHeaders).Assembly.GetName().Version!.ToString(3);

    private static readonly JsonSerializerOptions Sparing =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    // Most people come from few addresses.
    private const int MostKnown = 8;

    private static readonly ConcurrentDictionary<Headers, byte[]> Known = new();

    /// <summary>UTF-8 JSON.</summary>
    public static byte[] Of(Origin origin)
    {
        var headers = new Headers(origin.Via, origin.Request, origin.AddressNumber, Version);
        return headers.From is > MostKnown ? Json(headers) : Known.GetOrAdd(headers, Json);
    }

    private static byte[] Json(Headers headers) => JsonSerializer.SerializeToUtf8Bytes(headers, Sparing);

    private sealed record Headers(string? Via, string? Request, int? From, string Version);
}
