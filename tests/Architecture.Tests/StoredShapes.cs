using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Architecture.Tests;

/// <summary>What was once stored can always be read: complaints about slices, given every shape that was ever shipped.</summary>
internal static class StoredShapes
{
    /// <summary>Stored name and shape of everything that the slices write.</summary>
    public static SortedDictionary<string, string> Written(IEnumerable<Slice> slices) => new(
        slices.SelectMany(slice => slice.Stored)
            .ToDictionary(stored => stored.Key, stored => Spell(EventTypes.Json.GetTypeInfo(stored.Value))),
        StringComparer.Ordinal);

    /// <summary>Complaints about slices.</summary>
    /// <param name="shipped">Stored name and shape of everything that was ever written: it grows and never changes.</param>
    /// <param name="samples">The stored names of which there is a sample.</param>
    public static IEnumerable<string> Complaints(
        IReadOnlyCollection<Slice> slices, IReadOnlyDictionary<string, string> shipped, IReadOnlyCollection<string> samples)
    {
        var written = Written(slices);
        var former = slices.SelectMany(slice => slice.Former.Keys).ToList();
        foreach (var (name, shape) in written.Where(now => shipped.TryGetValue(now.Key, out var then) && then != now.Value))
            yield return $"{name} is not what was shipped: give the new shape a new name and read the old one by Upcasts. It was {shipped[name]} and is {shape}";
        foreach (var name in written.Keys.Except(shipped.Keys))
            yield return $"{name} is new: add the shape as received, and a sample";
        foreach (var name in former.Except(shipped.Keys))
            yield return $"{name} is read and was never shipped";
        foreach (var name in shipped.Keys.Except(written.Keys).Except(former))
            yield return $"{name} was shipped and cannot be read any more: an Upcasts is missing";
        foreach (var name in shipped.Keys.Union(written.Keys).Except(samples))
            yield return $"{name} has no sample";
        foreach (var name in samples.Except(shipped.Keys).Except(written.Keys))
            yield return $"{name} has a sample and was never shipped";
    }

    /// <summary>Name, version and shape of every state that is kept.</summary>
    public static IEnumerable<string> Kept() =>
        from type in typeof(Slice).Assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(Decider<,,>)
        let shape = (SnapshotShape?)field.FieldType.GetProperty(nameof(Decider<,,>.Snapshots))!.GetValue(field.GetValue(null))
        where shape is not null
        orderby shape.Name
        select $"{shape.Name} {shape.Version}: {Spell(EventTypes.Json.GetTypeInfo(field.FieldType.GetGenericArguments()[1]))}";

    // Names, types and words as they stand in the JSON; "?" for what may be null.
    private static string Spell(JsonTypeInfo type) => (Nullable.GetUnderlyingType(type.Type) ?? type.Type, type.Kind) switch
    {
        ({ IsEnum: true } words, _) => $"({string.Join('|', Enum.GetValues(words).Cast<object>().Select(word => Word(word)))})",
        (_, JsonTypeInfoKind.Enumerable) => $"[{Spell(type.Options.GetTypeInfo(type.ElementType!))}]",
        (_, JsonTypeInfoKind.Dictionary) => $"{{*: {Spell(type.Options.GetTypeInfo(type.ElementType!))}}}",
        (_, JsonTypeInfoKind.Object) => $"{{{string.Join(", ", type.Properties.OrderBy(field => field.Name, StringComparer.Ordinal).Select(Field))}}}",
        (var plain, _) => plain.Name,
    };

    private static string Field(JsonPropertyInfo field) =>
        $"{field.Name} {Spell(field.Options.GetTypeInfo(field.PropertyType))}{(field.IsGetNullable ? "?" : "")}" +
        (IsMarked<PersonalAttribute>(field) ? " personal" : "") + (IsMarked<HiddenAttribute>(field) ? " hidden" : "");

    private static string Word(object value) => JsonSerializer.SerializeToElement(value, value.GetType(), EventTypes.Json).GetString()!;

    // On a record's positional property the attribute stands on the constructor's parameter.
    internal static TMark? Mark<TMark>(JsonPropertyInfo field) where TMark : Attribute =>
        new[] { field.AttributeProvider, field.AssociatedParameter?.AttributeProvider }
            .SelectMany(declared => declared?.GetCustomAttributes(typeof(TMark), inherit: true) ?? []).OfType<TMark>().FirstOrDefault();

    private static bool IsMarked<TMark>(JsonPropertyInfo field) where TMark : Attribute => Mark<TMark>(field) is not null;
}
