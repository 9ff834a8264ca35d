using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Every event type the slices store: its name in the log, its JSON, its personal fields, its claim; and every shape that
/// was ever written, with the way from there to today's.
/// </summary>
internal sealed class EventTypes
{
    private readonly FrozenDictionary<string, StoredShape> byName;
    private readonly FrozenDictionary<Type, EventType> byType;
    private readonly FrozenDictionary<Type, string[]> names;

    public EventTypes(Slices slices)
    {
        EventType[] all =
        [
            .. from slice in slices.All
               from stored in slice.Stored
               select new EventType(stored.Key, stored.Value, ClaimOf(slices, stored.Value)),
        ];
        var shapes = all.Select(type => new StoredShape(type.Name, type, null, []))
            .Concat(slices.All.SelectMany(slice => slice.Former.Keys.Select(name => Former(slice, name, all))))
            .ToList();
        byName = shapes.ToFrozenDictionary(shape => shape.Name, StringComparer.Ordinal);
        byType = all.ToFrozenDictionary(type => type.Fact);
        names = shapes.GroupBy(shape => shape.Type.Fact, shape => shape.Name)
            .ToFrozenDictionary(type => type.Key, type => type.ToArray());
        if (byType.Count != all.Length)
            throw new InvalidOperationException("An event type has two stored names.");
    }

    /// <summary>How events are written: names and enum values camelCase; readable when PostgreSQL has reordered the keys.</summary>
    public static JsonSerializerOptions Json { get; } = MakeOptions();

    public EventType Of(Type type) => byType.TryGetValue(type, out var known)
        ? known
        : throw new InvalidOperationException($"No slice stores {type}.");

    public StoredShape Named(string name) => Find(name)
        ?? throw new InvalidOperationException($"The log holds an event named {name}, which no slice of this program stores.");

    /// <summary>Null when no slice of this program stores anything of that name.</summary>
    public StoredShape? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>All names under which the log may hold these facts.</summary>
    public string[] Names(IEnumerable<Type> facts) => [.. facts.SelectMany(fact => names[Of(fact).Fact])];

    private static StoredShape Former(Slice slice, string name, EventType[] all)
    {
        var changes = new List<Func<JsonObject, JsonObject>>();
        var newest = name;
        while (slice.Former.TryGetValue(newest, out var shape))
        {
            changes.Add(shape.Change);
            newest = shape.Next;
        }

        return new StoredShape(
            name, all.Single(type => string.Equals(type.Name, newest, StringComparison.Ordinal)),
            PersonalPlan.Of(slice.Former[name].Personal), changes);
    }

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

/// <summary>One type of event. Its JSON is looked at when the first one is written or read: a start needs few of them.</summary>
/// <param name="fact">What the slices know it as.</param>
/// <param name="claim">What it claims, if it can claim anything.</param>
internal sealed class EventType(string name, Type fact, Func<object, Claim?>? claim)
{
    private readonly Lazy<JsonTypeInfo> json = new(() => EventTypes.Json.GetTypeInfo(fact));
    private readonly Lazy<PersonalPlan?> personal = new(() => PersonalPlan.Of(EventTypes.Json.GetTypeInfo(fact)));

    public string Name => name;

    public Type Fact => fact;

    public Func<object, Claim?>? Claim => claim;

    public JsonTypeInfo Json => json.Value;

    /// <summary>Where its personal fields are; null when it has none, which is the fast path.</summary>
    /// <exception cref="InvalidOperationException">A personal field is not a string, or the type contains itself.</exception>
    public PersonalPlan? Personal => personal.Value;
}

/// <summary>A shape in which the log may hold an event.</summary>
/// <param name="Name">The name in the log.</param>
/// <param name="Type">What it is read as.</param>
/// <param name="Former">Where the personal fields were in a former shape; the newest one's are its type's.</param>
/// <param name="Changes">From this shape to the newest, one after the other; none when it is the newest.</param>
internal sealed record StoredShape(
    string Name, EventType Type, PersonalPlan? Former, IReadOnlyList<Func<JsonObject, JsonObject>> Changes)
{
    /// <summary>Null when nothing in this shape is personal.</summary>
    public PersonalPlan? Personal => Changes.Count == 0 ? Type.Personal : Former;
}
