using System.Buffers.Text;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Logging.Abstractions;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class MemoryReadModelTests
{
    private readonly MemoryReadModels models;
    private readonly MemoryReadModel<Thing> things;
    private readonly ParkedEvents parked = new(TimeProvider.System, NullLogger<ParkedEvents>.Instance);
    private long position;

    public MemoryReadModelTests()
    {
        models = new MemoryReadModels(Slices(), parked);
        things = new MemoryReadModel<Thing>(models);
    }

    [Fact]
    public async Task A_view_is_found_by_its_key()
    {
        Happen(new Placed("1", "top", "clock"));

        Assert.Equal(new Thing("1", "top", "clock", null), await Find("1"));
        Assert.Null(await Find("2"));
    }

    [Fact]
    public async Task A_removed_view_is_gone_from_every_index()
    {
        Happen(new Placed("1", "top", "clock", DateTimeOffset.UnixEpoch), new Taken("1"));

        Assert.Null(await Find("1"));
        Assert.Empty((await List(ByName("top"))).Items);
        Assert.Empty((await List(ByDue)).Items);
    }

    [Fact]
    public async Task A_view_that_changes_stands_once_in_its_new_place()
    {
        Happen(new Placed("1", "top", "clock"), new Placed("2", "top", "lamp"));
        Happen(new Placed("1", "top", "zebra"));
        Happen(new Placed("2", "bottom", "lamp"));

        Assert.Equal(["1"], await Ids(ByName("top")));
        Assert.Equal(["2"], await Ids(ByName("bottom")));
    }

    [Fact]
    public async Task A_view_that_changes_and_keeps_its_place_is_listed_as_it_is_now()
    {
        Happen(new Placed("1", "top", "clock"));
        Happen(new Placed("1", "top", "clock", DateTimeOffset.UnixEpoch));

        Assert.Equal([new Thing("1", "top", "clock", DateTimeOffset.UnixEpoch)], (await List(ByName("top"))).Items);
    }

    [Fact]
    public async Task Order_is_ordinal_and_ties_go_by_key()
    {
        Happen(
            new Placed("b", "top", "same"), new Placed("a", "top", "same"), new Placed("c", "top", "Zoo"),
            new Placed("d", "top", "äpfel"), new Placed("e", "top", ""));

        Assert.Equal(["e", "c", "a", "b", "d"], await Ids(ByName("top")));
        Assert.Equal(["d", "b", "a", "c", "e"], await Ids(ByName("top"), descending: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_follow_each_other_without_gap_or_repetition(bool descending)
    {
        Happen([.. Enumerable.Range(0, 23).Select(i => new Placed($"{i:D2}", "top", $"{i % 4}:é"))]);
        var expected = Enumerable.Range(0, 23).OrderBy(i => i % 4).ThenBy(i => i).Select(i => $"{i:D2}");

        Assert.Equal(
            descending ? expected.Reverse() : expected,
            (await Walk(ByName("top"), 5, descending)).Select(thing => thing.Id));
    }

    [Fact]
    public async Task The_last_page_has_no_cursor_even_when_it_is_full()
    {
        Happen(new Placed("1", "top", "a"), new Placed("2", "top", "b"));

        var first = await List(ByName("top"), limit: 1);
        Assert.NotNull(first.NextCursor);
        Assert.Null((await List(ByName("top"), first.NextCursor, limit: 1)).NextCursor);
        Assert.Null((await List(ByName("top"), limit: 2)).NextCursor);
    }

    [Theory]
    [InlineData(false, "3")]
    [InlineData(true, "1")]
    public async Task A_cursor_goes_on_where_its_view_was_although_it_is_gone(bool descending, string next)
    {
        Happen(new Placed("1", "top", "a"), new Placed("2", "top", "b"), new Placed("3", "top", "c"));
        var first = await List(ByName("top"), limit: 2, descending: descending);
        Happen(new Taken("2"));

        Assert.Equal([next], (await List(ByName("top"), first.NextCursor, 10, descending)).Items.Select(thing => thing.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("MTphYg")] // good
    [InlineData("MTphYg==")]
    [InlineData(" MTphYg")]
    [InlineData("MDE6YWI")] // 01:ab
    [InlineData("OTphYg")] // 9:ab
    [InlineData("LTE6YWI")] // -1:ab
    [InlineData("YWI")] // ab
    [InlineData("_____w")] // no UTF-8
    [InlineData("OTk5OTk5OTk5OTk5OTk5OjphYg")]
    public async Task Only_our_own_cursors_are_taken(string cursor)
    {
        if (cursor == "MTphYg")
            Assert.Empty((await List(ByName("top"), cursor)).Items);
        else
            await Assert.ThrowsAsync<BadCursorException>(() => List(ByName("top"), cursor));
    }

    [Fact]
    public async Task A_cursor_as_long_as_a_book_is_not_decoded() => await Assert.ThrowsAsync<BadCursorException>(() =>
        List(ByName("top"), Base64Url.EncodeToString(Encoding.UTF8.GetBytes("1:" + new string('a', 100_000)))));

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_page_has_1_to_1000_views(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => List(ByName("top"), limit: limit));

    [Fact]
    public async Task Delivered_twice_is_delivered_once()
    {
        RecordedEvent[] history =
        [
            Recorded(new Placed("1", "top", "a")), Recorded(new Placed("2", "top", "b")), Recorded(new Taken("1")),
            Recorded(new Placed("2", "bottom", "b")),
        ];
        foreach (var happened in history)
            models.Apply([happened, happened]);
        models.Apply(history);
        models.Apply(history[..2]); // Out of date: what they place was taken or moved since.
        models.Publish();

        Assert.Null(await Find("1"));
        Assert.Empty(await Ids(ByName("top")));
        Assert.Equal(["2"], await Ids(ByName("bottom")));
    }

    [Fact]
    public async Task A_poison_event_is_parked_once_and_stops_nothing_else()
    {
        Happen(new Placed("1", "top", "a"));
        var poison = Recorded(new Poisoned("1"));
        models.Apply([poison, Recorded(new Placed("2", "top", "b"))]);
        models.Apply([poison]);
        models.Publish();

        var only = Assert.Single(parked.List());
        Assert.Equal(("things", poison.Position, "Poisoned"), (only.Subscriber, only.Position, only.StoredName));
        Assert.Contains("No fold can take this", only.Error, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], await Ids(ByName("top")));
        Assert.Equal("poisoned", (await new MemoryReadModel<Trace>(models).Find("1", TestContext.Current.CancellationToken))!.Last);
    }

    [Fact]
    public void A_view_that_no_slice_shows_is_named() =>
        Assert.Contains("Version", Assert.Throws<InvalidOperationException>(() => new MemoryReadModel<Version>(models)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task After_any_history_an_index_is_all_views_sorted(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, Thing>(StringComparer.Ordinal);
        for (var round = 0; round < 200; round++)
        {
            var facts = Enumerable.Range(0, random.Next(1, 30)).Select(_ => Any(random)).ToArray();
            foreach (var fact in facts)
            {
                if (fact is Placed placed)
                    model[placed.Thing] = new(placed.Thing, placed.On, placed.Name, placed.Due);
                else
                    model.Remove(((Taken)fact).Thing);
            }

            Happen(facts);
            foreach (var shelf in Shelves)
            {
                var sorted = model.Values.Where(thing => thing.On == shelf)
                    .OrderBy(thing => thing.Name, StringComparer.Ordinal).ThenBy(thing => thing.Id, StringComparer.Ordinal)
                    .ToList();
                Assert.Equal(sorted, await Walk(ByName(shelf), random.Next(1, 7), false));
                sorted.Reverse();
                Assert.Equal(sorted, await Walk(ByName(shelf), random.Next(1, 7), true));
            }

            var due = model.Values.Where(thing => thing.Due is not null).OrderBy(thing => thing.Due)
                .ThenBy(thing => thing.Id, StringComparer.Ordinal);
            Assert.Equal(due, await Walk(ByDue, 3, false));
        }
    }

    private static readonly string[] Shelves = ["top", "bottom"];

    private static object Any(Random random) => random.Next(4) == 0
        ? new Taken($"{random.Next(40)}")
        : new Placed(
            $"{random.Next(40)}", Shelves[random.Next(2)], new string((char)('a' + random.Next(3)), random.Next(3)),
            random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(random.Next(5)));

    private void Happen(params object[] facts)
    {
        models.Apply([.. facts.Select(Recorded)]);
        models.Publish();
    }

    private RecordedEvent Recorded(object fact) => new(
        ++position, new StreamId("item-1", default), position, Guid.Empty, fact.GetType().Name, DateTimeOffset.UnixEpoch, fact);

    private Task<Thing?> Find(string key) => things.Find(key, TestContext.Current.CancellationToken);

    private Task<Page<Thing>> List(string index, string? cursor = null, int limit = 100, bool descending = false) =>
        things.List(index, cursor, limit, descending, TestContext.Current.CancellationToken);

    private async Task<IEnumerable<string>> Ids(string index, bool descending = false) =>
        (await List(index, descending: descending)).Items.Select(thing => thing.Id);

    private async Task<List<Thing>> Walk(string index, int limit, bool descending)
    {
        var walked = new List<Thing>();
        for (string? cursor = null; ;)
        {
            var page = await List(index, cursor, limit, descending);
            Assert.InRange(page.Items.Count, cursor is null ? 0 : 1, limit);
            walked.AddRange(page.Items);
            if ((cursor = page.NextCursor) is null)
                return walked;
        }
    }
}
