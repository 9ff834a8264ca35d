using System.Reflection;

namespace EventFiles.Architecture.Tests;

/// <summary>What is stored for ever and what clients rely on: it may grow, and nothing in it may change.</summary>
public sealed class StoredFormTests
{
    /// <summary>The slices of the program.</summary>
    internal static readonly IReadOnlyList<Slice> Slices =
    [
        .. typeof(Slice).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Slice", StringComparison.Ordinal) && type.Namespace != typeof(Slice).Namespace)
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (Slice)type.GetMethod("Define")!.Invoke(null, null)!),
    ];

    [Fact]
    public void Stored_names_begin_with_their_slice_and_end_with_a_version() =>
        Assert.All(
            Slices.SelectMany(slice => slice.Stored.Keys.Concat(slice.Former.Keys).Select(name => (slice, name))),
            stored => Assert.Matches($@"^{stored.slice.Name}\.[a-z0-9]+([.-][a-z0-9]+)*\.v[1-9][0-9]*$", stored.name));

    [Fact]
    public void Every_event_has_a_stored_name() =>
        Assert.Empty(
            EventTypes().Except(Slices.SelectMany(slice => slice.Stored.Values)).Select(type => type.FullName));

    [Fact]
    public void Whatever_a_slice_hears_some_slice_stores() => Assert.Empty(
        Slices.SelectMany(slice => slice.Hearings).Select(hearing => hearing.Fact)
            .Except(Slices.SelectMany(slice => slice.Stored.Values)).Select(type => type.FullName));

    // A kept state of another shape must not be read as this one: raise the version with every difference here.
    [Fact]
    public void Kept_states_are_what_was_accepted() =>
        Snapshot.Matches(string.Join('\n', StoredShapes.Kept()), "KeptStates.verified.txt");

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
}
