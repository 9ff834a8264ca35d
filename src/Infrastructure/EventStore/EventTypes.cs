using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Every event type the slices store: its name in the log, its JSON, its personal fields, its claim.</summary>
internal sealed class EventTypes
{
    private readonly FrozenDictionary<string, EventType> byName;
    private readonly FrozenDictionary<Type, EventType> byType;

    public EventTypes(Slices slices)
    {
        EventType[] all =
        [
            .. from slice in slices.All
               from stored in slice.Stored
               select new EventType(
                   stored.Key,
                   Json.GetTypeInfo(stored.Value),
                   PersonalPlan.Of(Json.GetTypeInfo(stored.Value)),
                   ClaimOf(slices, stored.Value)),
        ];
        byName = all.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
        byType = all.ToFrozenDictionary(type => type.Json.Type);
        if (byType.Count != all.Length)
            throw new InvalidOperationException("An event type has two stored names.");
    }

    /// <summary>How events are written: names and enum values camelCase; readable when PostgreSQL has reordered the keys.</summary>
    public static JsonSerializerOptions Json { get; } = MakeOptions();

    public EventType Of(Type type) => byType.TryGetValue(type, out var known)
        ? known
        : throw new InvalidOperationException($"No slice stores {type}.");

    public EventType Named(string name) => byName.TryGetValue(name, out var known)
        ? known
        : throw new InvalidOperationException($"The log holds an event named {name}, which no slice of this program stores.");

    public string[] Names(IEnumerable<Type> facts) => [.. facts.Select(fact => Of(fact).Name)];

    // Any slice may claim on any fact: the folder's names are claimed when an upload completes.
    private static Func<object, Claim?>? ClaimOf(Slices slices, Type fact) =>
        slices.All.SingleOrDefault(slice => slice.Claims.ContainsKey(fact))?.Claims[fact];

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            AllowOutOfOrderMetadataProperties = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}

/// <summary>One type of event.</summary>
/// <param name="Personal">Where its personal fields are; null when it has none, which is the fast path.</param>
/// <param name="Claim">What it claims, if it can claim anything.</param>
internal sealed record EventType(string Name, JsonTypeInfo Json, PersonalPlan? Personal, Func<object, Claim?>? Claim);
