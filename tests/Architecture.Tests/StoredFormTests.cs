using System.Reflection;

namespace EventFiles.Architecture.Tests;

/// <summary>What is stored for ever and what clients rely on: it may grow, and nothing in it may change.</summary>
public sealed class StoredFormTests
{
    private static readonly IReadOnlyList<Slice> Slices =
    [
        .. typeof(Slice).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Slice", StringComparison.Ordinal) && type.Namespace != typeof(Slice).Namespace)
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (Slice)type.GetMethod("Define")!.Invoke(null, null)!),
    ];

    [Fact]
    public void Stored_events_are_what_was_accepted() =>
        Snapshot.Matches(
            string.Join('\n', Slices.SelectMany(slice => slice.Stored).OrderBy(stored => stored.Key, StringComparer.Ordinal)
                .Select(stored => $"{stored.Key}: {string.Join(", ", Fields(stored.Value))}")),
            "StoredEvents.verified.txt");

    [Fact]
    public void Stored_names_begin_with_their_slice_and_end_with_a_version() =>
        Assert.All(
            Slices.SelectMany(slice => slice.Stored.Keys.Select(name => (slice, name))),
            stored => Assert.Matches($@"^{stored.slice.Name}\.[a-z0-9]+([.-][a-z0-9]+)*\.v[1-9][0-9]*$", stored.name));

    [Fact]
    public void Every_event_has_a_stored_name() =>
        Assert.Empty(
            EventTypes().Except(Slices.SelectMany(slice => slice.Stored.Values)).Select(type => type.FullName));

    [Fact]
    public void Refusal_codes_are_what_was_accepted() =>
        Snapshot.Matches(
            string.Join('\n', Refusals().Select(why => $"{why.Code}: {why.Kind}").Distinct().Order(StringComparer.Ordinal)),
            "RefusalCodes.verified.txt");

    [Fact]
    public void A_refusal_code_means_one_thing() =>
        Assert.All(Refusals().GroupBy(why => why.Code), same => Assert.Single(same.Distinct()));

    private static IEnumerable<Type> EventTypes() =>
        typeof(Slice).Assembly.GetTypes().Where(type =>
            type is { IsClass: true, IsAbstract: false, IsNested: true, DeclaringType.IsAbstract: true }
            && type.DeclaringType!.Name.EndsWith("Event", StringComparison.Ordinal)
            && type.IsSubclassOf(type.DeclaringType));

    private static IEnumerable<Rejection> Refusals() =>
        from assembly in new[] { typeof(Slice).Assembly, typeof(EventFiles.Infrastructure.Pipeline.PipelineServices).Assembly, typeof(EventFiles.Host.Product).Assembly }
        from type in assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.FieldType == typeof(Rejection)
        select (Rejection)field.GetValue(null)!;

    private static IEnumerable<string> Fields(Type type)
    {
        var personal = type.GetConstructors()[0].GetParameters()
            .Where(parameter => parameter.IsDefined(typeof(PersonalAttribute))).Select(parameter => parameter.Name).ToHashSet();
        return type.GetProperties()
            .Where(property => property.Name != "EqualityContract")
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property =>
                $"{property.Name} {Spell(property.PropertyType)}{(personal.Contains(property.Name) || property.IsDefined(typeof(PersonalAttribute)) ? " (personal)" : "")}");
    }

    // What is nested is stored too: a renamed field in it, or a renamed word of an enumeration, changes the stored form.
    private static string Spell(Type type) => type switch
    {
        { IsEnum: true } => $"{type.Name}({string.Join('|', Enum.GetNames(type))})",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Spell))}>",
        _ when type.Assembly == typeof(Slice).Assembly && !type.IsDefined(typeof(System.Text.Json.Serialization.JsonConverterAttribute)) =>
            $"{type.Name}{{{string.Join(", ", Fields(type))}}}",
        _ => type.Name,
    };
}
