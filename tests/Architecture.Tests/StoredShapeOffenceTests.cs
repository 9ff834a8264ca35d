using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Architecture.Tests;

/// <summary>The rules about stored shapes, on slices that break them.</summary>
public sealed class StoredShapeOffenceTests
{
    private static readonly Dictionary<string, string> Shipped = new(StoredShapes.Written([Planted<Told>()]));

    [Fact]
    public void What_was_shipped_may_stay_as_it_is() => Assert.Empty(Complaints(Planted<Told>()));

    [Theory]
    [InlineData(typeof(FieldAdded))]
    [InlineData(typeof(FieldRenamed))]
    [InlineData(typeof(FieldRemoved))]
    [InlineData(typeof(TypeChanged))]
    [InlineData(typeof(NullAllowed))]
    [InlineData(typeof(WordAdded))]
    [InlineData(typeof(WordRenamed))]
    [InlineData(typeof(InnerFieldChanged))]
    [InlineData(typeof(NoLongerPersonal))]
    public void Another_shape_under_the_old_name_is_caught(Type changed)
    {
        var slice = (Slice)typeof(StoredShapeOffenceTests).GetMethod(nameof(Planted))!.MakeGenericMethod(changed).Invoke(null, null)!;
        Assert.Contains("told.v1 is not what was shipped", Assert.Single(Complaints(slice)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_name_with_a_way_from_the_old_one_is_right()
    {
        var slice = new Slice("planted").Stores<FieldAdded>("planted.told.v2").Upcasts("planted.told.v1", json => json, "/name");
        var shipped = Shipped.Append(KeyValuePair.Create("planted.told.v2", StoredShapes.Written([slice])["planted.told.v2"]));
        Assert.Empty(StoredShapes.Complaints([slice], shipped.ToDictionary(), ["planted.told.v1", "planted.told.v2"]));
    }

    [Fact]
    public void A_new_name_without_a_way_from_the_old_one_is_caught() =>
        Assert.Contains(
            Complaints(new Slice("planted").Stores<FieldAdded>("planted.told.v2")),
            complaint => complaint.StartsWith("planted.told.v1 was shipped and cannot be read", StringComparison.Ordinal));

    [Fact]
    public void A_new_name_without_an_accepted_shape_and_a_sample_is_caught() =>
        Assert.Equal(
            ["planted.more.v1 has no sample", "planted.more.v1 is new: add the shape as received, and a sample"],
            Complaints(Planted<Told>().Stores<FieldAdded>("planted.more.v1")).Order(StringComparer.Ordinal));

    [Fact]
    public void A_removed_sample_is_caught() =>
        Assert.Equal(["planted.told.v1 has no sample"], StoredShapes.Complaints([Planted<Told>()], Shipped, []));

    [Fact]
    public void A_sample_of_nothing_is_caught() =>
        Assert.Equal(
            ["planted.tolled.v1 has a sample and was never shipped"],
            StoredShapes.Complaints([Planted<Told>()], Shipped, ["planted.told.v1", "planted.tolled.v1"]));

    [Fact]
    public void A_way_from_a_shape_that_never_was_is_caught() =>
        Assert.Equal(
            ["planted.told.v0 is read and was never shipped"],
            Complaints(Planted<Told>().Upcasts("planted.told.v0", json => json)));

    [Fact]
    public void A_former_shape_of_nothing_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new Slice("planted").Upcasts("planted.told.v1", json => json));

    [Fact]
    public void A_name_for_two_shapes_is_refused() =>
        Assert.Throws<ArgumentException>(() => new EventTypes(new Slices(
            [Planted<Told>(), new Slice("other").Stores<FieldAdded>("other.added.v1").Upcasts("planted.told.v1", json => json)])));

    public static Slice Planted<TEvent>() where TEvent : class => new Slice("planted").Stores<TEvent>("planted.told.v1");

    private static List<string> Complaints(Slice slice) => [.. StoredShapes.Complaints([slice], Shipped, ["planted.told.v1"])];

    private enum Mood { Good, Bad }

    private enum MoreMoods { Good, Bad, Fair }

    private enum OtherMoods { Good, Poor }

    private sealed record Inner(int Count);

    private sealed record OtherInner(long Count);

    private sealed record Told([Personal] string Name, int Size, Mood Mood, Inner[] Inner);

    private sealed record FieldAdded([Personal] string Name, int Size, Mood Mood, Inner[] Inner, bool IsNew);

    private sealed record FieldRenamed([Personal] string Title, int Size, Mood Mood, Inner[] Inner);

    private sealed record FieldRemoved([Personal] string Name, Mood Mood, Inner[] Inner);

    private sealed record TypeChanged([Personal] string Name, long Size, Mood Mood, Inner[] Inner);

    private sealed record NullAllowed([Personal] string? Name, int Size, Mood Mood, Inner[] Inner);

    private sealed record WordAdded([Personal] string Name, int Size, MoreMoods Mood, Inner[] Inner);

    private sealed record WordRenamed([Personal] string Name, int Size, OtherMoods Mood, Inner[] Inner);

    private sealed record InnerFieldChanged([Personal] string Name, int Size, Mood Mood, OtherInner[] Inner);

    private sealed record NoLongerPersonal(string Name, int Size, Mood Mood, Inner[] Inner);
}
