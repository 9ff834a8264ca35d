using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class CanonicalJsonTests
{
    private sealed record Mixed(
        string Zeta, int Alpha, IReadOnlyDictionary<string, ImmutableHashSet<string>> Map, IReadOnlySet<int> Set, DayOfWeek Day,
        FileId File);

    [Fact]
    public void The_same_view_has_the_same_bytes_however_it_came_to_be()
    {
        string[] names = ["b", "a", "c", "ä"];
        var one = Make(names, new HashSet<int> { 3, 1, 2 });
        var other = Make(names.Reverse(), new[] { 1, 2, 3 }.ToFrozenSet());

        Assert.Equal(Text(one), Text(other));
        Assert.Equal(
            """{"zeta":"<é>","alpha":1,"map":{"a":["x","y"],"b":["x","y"],"c":["x","y"],"ä":["x","y"]},"set":[1,2,3],"day":"monday","file":"00000000-0000-0000-0000-000000000000"}""",
            Text(one));

        static Mixed Make(IEnumerable<string> keys, IReadOnlySet<int> set) => new(
            "<é>", 1, keys.ToDictionary(key => key, _ => ImmutableHashSet.Create("y", "x")), set, DayOfWeek.Monday, default);
    }

    [Fact]
    public void A_property_that_is_not_stored_yet_has_its_default() =>
        Assert.Equal(
            new Shelf.Thing("1", "top", null!, null),
            CanonicalJson.Read(typeof(Shelf.Thing), """{"id":"1","on":"top"}"""u8));

    private static string Text(object view) => Encoding.UTF8.GetString(CanonicalJson.Write(view));
}
