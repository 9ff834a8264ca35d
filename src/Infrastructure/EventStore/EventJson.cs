using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Events to what is stored, and back.</summary>
internal sealed class EventJson(EventTypes types)
{
    public EventTypes Types => types;

    /// <summary>Whether an event tells anything of a person.</summary>
    public bool IsPersonal(object fact) => types.Of(fact.GetType()).Personal is not null;

    /// <summary>The event's public body, and its private row if it tells anything of a person.</summary>
    /// <param name="seal">Of its tenant; may be null when it is not personal.</param>
    public EventBody Write(Guid eventId, object fact, PrivateSeal? seal)
    {
        var type = types.Of(fact.GetType());
        var json = JsonSerializer.SerializeToUtf8Bytes(fact, type.Json);
        if (type.Personal is not { } plan)
            return new EventBody(type, json, null, null);

        var salt = RandomNumberGenerator.GetBytes(PersonalFields.SaltBytes);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var publicJson = Rewrite(plan, json, (path, value) =>
        {
            values.Add(path, value);
            return PersonalFields.Commitment(eventId, path, salt, value);
        });
        if (values.Count == 0 || seal!.IsErased)
            return new EventBody(type, publicJson, null, null);
        var (saltColumn, fields) = PersonalFields.Seal(values, salt, eventId, seal.Key);
        return new EventBody(type, publicJson, saltColumn, fields);
    }

    /// <summary>
    /// The event in its newest shape; its personal fields are <see cref="PersonalAttribute.Erased"/> when the private row
    /// is gone.
    /// </summary>
    /// <param name="shape">What the log says it is.</param>
    /// <param name="row">Null when it is gone, or its key.</param>
    public static object Read(StoredShape shape, byte[] data, PrivateRow? row)
    {
        if (shape.Personal is { } plan)
        {
            var values = row?.Values() ?? [];
            data = Rewrite(plan, data, (path, _) => values.GetValueOrDefault(path, PersonalAttribute.Erased));
        }

        return (shape.Changes.Count == 0
                ? JsonSerializer.Deserialize(data, shape.Type.Json)
                : Changed(shape, data).Deserialize(shape.Type.Json))
            ?? throw new InvalidOperationException($"An event named {shape.Name} is null in the log.");
    }

    private static JsonObject Changed(StoredShape shape, byte[] data) =>
        shape.Changes.Aggregate(JsonNode.Parse(data)!.AsObject(), (json, change) => change(json));

    private static byte[] Rewrite(PersonalPlan plan, byte[] json, Func<string, string, string> exchange)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 128);
        using var writer = new Utf8JsonWriter(buffer);
        plan.Rewrite(json, writer, exchange);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>An event as it is stored.</summary>
/// <param name="Public">UTF-8 JSON for <c>mt_events.data</c>.</param>
/// <param name="Salt">Null when the event tells nothing of a person.</param>
/// <param name="Private">The sealed values; null together with the salt.</param>
internal sealed record EventBody(EventType Type, byte[] Public, byte[]? Salt, byte[]? Private);
