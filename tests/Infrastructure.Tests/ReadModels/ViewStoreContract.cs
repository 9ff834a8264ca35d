using System.Buffers.Text;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>What every store of views promises its readers and its one writer.</summary>
public abstract class ViewStoreContract
{
    private readonly MemoryParkedEvents parked = new();
    private readonly List<Shard> shards = [];
    private StoredReadModel<Thing>? things;
    private long position;

    private protected abstract IViewStore Store { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_view_is_found_by_its_key()
    {
        await Happen(new Placed("1", "top", "clock"));

        Assert.Equal(new Thing("1", "top", "clock", null), await Find("1"));
        Assert.Null(await Find("2"));
    }

    [Fact]
    public async Task Many_views_are_found_at_once_in_the_order_of_their_keys()
    {
        await Happen([.. Enumerable.Range(0, 1000).Select(i => new Placed($"{i}", "top", "clock"))]);
        await Happen(new Taken("2"));
        var (one, three) = (new Thing("1", "top", "clock", null), new Thing("3", "top", "clock", null));

        Assert.Equal([three, null, null, one, three], await Readers.Find(["3", "2", "none", "1", "3"], Cancel));
        Assert.Empty(await Readers.Find([], Cancel));
        Assert.Equal(999, (await Readers.Find([.. Enumerable.Range(0, 1000).Select(i => $"{i}")], Cancel)).OfType<Thing>().Count());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Readers.Find([.. Enumerable.Range(0, 1001).Select(i => $"{i}")], Cancel));
    }

    [Fact]
    public async Task A_removed_view_is_gone_from_every_index()
    {
        await Happen(new Placed("1", "top", "clock", DateTimeOffset.UnixEpoch), new Taken("1"));

        Assert.Null(await Find("1"));
        Assert.Empty((await List(ByName("top"))).Items);
        Assert.Empty((await List(ByDue)).Items);
    }

    [Fact]
    public async Task A_view_that_changes_stands_once_in_its_new_place()
    {
        await Happen(new Placed("1", "top", "clock"), new Placed("2", "top", "lamp"));
        await Happen(new Placed("1", "top", "zebra"));
        await Happen(new Placed("2", "bottom", "lamp"));

        Assert.Equal(["1"], await Ids(ByName("top")));
        Assert.Equal(["2"], await Ids(ByName("bottom")));
    }

    [Fact]
    public async Task A_view_that_changes_and_keeps_its_place_is_listed_as_it_is_now()
    {
        await Happen(new Placed("1", "top", "clock"));
        await Happen(new Placed("1", "top", "clock", DateTimeOffset.UnixEpoch));

        Assert.Equal([new Thing("1", "top", "clock", DateTimeOffset.UnixEpoch)], (await List(ByName("top"))).Items);
    }

    [Fact]
    public async Task Order_is_by_character_and_ties_go_by_key()
    {
        await Happen(
            new Placed("b", "top", "same"), new Placed("a", "top", "same"), new Placed("c", "top", "Zoo"),
            new Placed("d", "top", "äpfel"), new Placed("e", "top", ""),
            new Placed("f", "top", "\U0001F600"), new Placed("g", "top", "\uFF21"), new Placed("h", "top", "same\0"), new Placed("i", "top", "same!"));

        string[] expected = ["e", "c", "a", "b", "h", "i", "d", "g", "f"];
        Assert.Equal(expected, await Ids(ByName("top")));
        Assert.Equal(expected.Reverse(), await Ids(ByName("top"), descending: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_follow_each_other_without_gap_or_repetition(bool descending)
    {
        await Happen([.. Enumerable.Range(0, 23).Select(i => new Placed($"{i:D2}", "top", $"{i % 4}:é"))]);
        var expected = Enumerable.Range(0, 23).OrderBy(i => i % 4).ThenBy(i => i).Select(i => $"{i:D2}");

        Assert.Equal(
            descending ? expected.Reverse() : expected,
            (await Walk(ByName("top"), 5, descending)).Select(thing => thing.Id));
    }

    [Fact]
    public async Task The_last_page_has_no_cursor_even_when_it_is_full()
    {
        await Happen(new Placed("1", "top", "a"), new Placed("2", "top", "b"));

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
        await Happen(new Placed("1", "top", "a"), new Placed("2", "top", "b"), new Placed("3", "top", "c"));
        var first = await List(ByName("top"), limit: 2, descending: descending);
        await Happen(new Taken("2"));

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
        await Begin();
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
            await Take(happened, happened);
        await Take(history);
        await Take(history[..2]); // Out of date: what they place was taken or moved since.

        Assert.Null(await Find("1"));
        Assert.Empty(await Ids(ByName("top")));
        Assert.Equal(["2"], await Ids(ByName("bottom")));
    }

    [Fact]
    public async Task A_poison_event_is_parked_once_and_stops_nothing_else()
    {
        await Happen(new Placed("1", "top", "a"));
        var poison = Recorded(new Poisoned("1"));
        await Take(poison, Recorded(new Placed("2", "top", "b")));
        await Take(poison);

        var only = Assert.Single(parked.All);
        Assert.Equal(("things", poison.Position, "Poisoned", 1), (only.Subscriber, only.Position, only.StoredName, only.Tries));
        Assert.Equal("FormatException in EventFiles.Infrastructure.Tests.Shelf", only.Error);
        Assert.Equal(["1", "2"], await Ids(ByName("top")));
        Assert.Equal("poisoned", (await new StoredReadModel<Trace>(Store, Slices()).Find("1", Cancel))!.Last);
    }

    [Fact]
    public async Task What_follows_in_a_poisoned_stream_waits_and_other_streams_go_on()
    {
        await Happen(new Placed("1", "top", "a"), new Placed("2", "top", "b"));
        await Take(Recorded(new Poisoned("1")));
        await Take(Recorded(new Placed("1", "bottom", "a")), Recorded(new Placed("2", "bottom", "b")));

        Assert.Equal(["2"], await Ids(ByName("bottom")));
        Assert.Equal(["1"], await Ids(ByName("top")));
        Assert.Single(parked.All);
    }

    [Fact]
    public async Task A_shard_that_is_opened_again_goes_on_where_it_was_and_knows_what_waits()
    {
        await Happen(new Placed("1", "top", "a"), new Poisoned("1"));
        shards.Clear();
        await Happen(new Placed("1", "bottom", "a"), new Placed("2", "bottom", "b"));

        Assert.Equal(["2"], await Ids(ByName("bottom")));
        Assert.Equal(["1"], await Ids(ByName("top")));
    }

    [Fact]
    public async Task Changes_and_position_are_written_together_or_not_at_all()
    {
        await Begin();
        var live = (await Store.Open(Things(), Cancel)).Live;
        var change = new ViewChange("1", new Thing("1", "top", "a", null), 5, [], [new IndexEntry(ByName("top"), "a")]);

        Assert.True(await live.Apply(new ViewBatch(0, 5, [change]), Cancel));
        Assert.False(await live.Apply(new ViewBatch(0, 7, [change with { View = null }]), Cancel));
        Assert.False(await live.Apply(new ViewBatch(6, 7, [change with { View = null }]), Cancel));
        live.Publish();

        Assert.Equal(5, await live.Position(Cancel));
        Assert.Equal(["1"], await Ids(ByName("top")));
    }

    [Fact]
    public async Task A_store_that_is_opened_again_holds_what_it_held()
    {
        var first = await Store.Open(Things(), Cancel);
        await Happen(new Placed("1", "top", "a"));
        var again = await Store.Open(Things(), Cancel);

        Assert.Equal((first.Live.Number, Things().Version), (again.Live.Number, again.Live.Version));
        Assert.Null(again.Shadow);
        Assert.Equal(position, await again.Live.Position(Cancel));
        Assert.Equal(
            [new Standing(again.Live.Number, Things().Version, position, true), .. await Store.Look([Traces()], Cancel)],
            await Store.Look([Things(), Traces()], Cancel));
    }

    [Fact]
    public async Task A_generation_is_whole_once_it_was_completed_or_switched_to()
    {
        var opened = await Store.Open(Things(), Cancel);
        Assert.False(opened.IsWhole);
        Assert.False((await Store.Look([Things()], Cancel))[0].IsWhole);

        Assert.True(await Store.Switch(Things(), await Store.BeginShadow(Things(), Cancel), Cancel));
        Assert.False(await Store.Complete(Things(), opened.Live, Cancel));
        Assert.True((await Store.Open(Things(), Cancel)).IsWhole);
        await Begin();
        Assert.True((await Store.Look([Traces()], Cancel))[0].IsWhole);
    }

    [Fact]
    public async Task Readers_see_nothing_of_a_shadow_until_the_switch_and_nothing_else_after_it()
    {
        await Happen(new Placed("1", "top", "old"), new Placed("2", "top", "old"));
        var shadow = await Shard.Open(Things(), await Store.BeginShadow(Things(), Cancel), parked, Cancel);
        await shadow.Take(new FeedPage([Recorded(new Placed("1", "top", "new"))], position), Cancel);
        shadow.Generation.Publish();

        Assert.Equal("old", (await Find("1"))!.Name);
        Assert.Equal(["1", "2"], await Ids(ByName("top")));
        var first = await List(ByName("top"), limit: 1);

        Assert.True(await Store.Switch(Things(), shadow.Generation, Cancel));
        Assert.Equal("new", (await Find("1"))!.Name);
        Assert.Null(await Find("2"));
        Assert.Equal(["1"], await Ids(ByName("top")));
        Assert.DoesNotContain((await List(ByName("top"), first.NextCursor)).Items, thing => thing.Name == "old");
        var stands = await Store.Open(Things(), Cancel);
        Assert.Equal((shadow.Generation.Number, position), (stands.Live.Number, await stands.Live.Position(Cancel)));
        Assert.Null(stands.Shadow);
    }

    [Fact]
    public async Task A_shadow_that_was_replaced_or_dropped_is_not_switched_to()
    {
        var first = await Store.BeginShadow(Things(), Cancel);
        var second = await Store.BeginShadow(Things(), Cancel);
        Assert.True(second.Number > first.Number);
        Assert.False(await Store.Switch(Things(), first, Cancel));

        await Store.DropShadow(Things(), Cancel);
        Assert.False(await Store.Switch(Things(), second, Cancel));
        Assert.Null((await Store.Open(Things(), Cancel)).Shadow);
        Assert.True((await Store.BeginShadow(Things(), Cancel)).Number > second.Number);
    }

    [Fact]
    public async Task A_shadow_is_found_again_where_it_was_left()
    {
        var shadow = await Store.BeginShadow(Things(), Cancel);
        var change = new ViewChange("1", new Thing("1", "top", "a", null), 3, [], []);
        await shadow.Apply(new ViewBatch(0, 3, [change]), Cancel);

        var found = (await Store.Open(Things(), Cancel)).Shadow!;
        Assert.Equal((shadow.Number, 3), (found.Number, await found.Position(Cancel)));
        Assert.Equal([new Thing("1", "top", "a", null), null], await found.Load(["1", "2"], Cancel));
    }

    [Fact]
    public async Task A_generation_shows_all_it_holds_with_the_event_that_changed_it_last()
    {
        await Happen(new Placed("1", "top", "a", DateTimeOffset.UnixEpoch), new Placed("2", "top", "b"), new Placed("1", "bottom", "é\0\uE000"));
        var live = (await Store.Open(Things(), Cancel)).Live;

        var views = new List<(string, string, long)>();
        await foreach (var view in live.Views(Cancel))
            views.Add((view.Key, Encoding.UTF8.GetString(view.Json), view.Position));
        Assert.Equal(
            [
                ("1", """{"id":"1","on":"bottom","name":"é\u0000\uE000","due":null}""", 3L),
                ("2", """{"id":"2","on":"top","name":"b","due":null}""", 2L),
            ],
            views.Order());
        var places = new List<StoredPlace>();
        await foreach (var place in live.Places(Cancel))
            places.Add(place);
        Assert.Equal(
            [new(ByName("bottom"), new Place("é\0\uE000", "1")), new StoredPlace(ByName("top"), new Place("b", "2"))],
            places.OrderBy(place => place.Index, StringComparer.Ordinal));
        Assert.Equal([3L, null], (await live.Read(["1", "3"], Cancel)).Select(view => view?.Position));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task After_any_history_an_index_is_all_views_sorted(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, Thing>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var facts = Enumerable.Range(0, random.Next(1, 30)).Select(_ => Any(random)).ToArray();
            foreach (var fact in facts)
            {
                if (fact is Placed placed)
                    model[placed.Thing] = new(placed.Thing, placed.On, placed.Name, placed.Due);
                else
                    model.Remove(((Taken)fact).Thing);
            }

            await Happen(facts);
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

    private static readonly int Rounds = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 200 : 40;

    private static readonly string[] Shelves = ["top", "bottom"];

    private static object Any(Random random) => random.Next(4) == 0
        ? new Taken($"{random.Next(40)}")
        : new Placed(
            $"{random.Next(40)}", Shelves[random.Next(2)], new string((char)('a' + random.Next(3)), random.Next(3)),
            random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(random.Next(5)));

    private Task Happen(params object[] facts) => Take([.. facts.Select(Recorded)]);

    private async Task Take(params IReadOnlyList<RecordedEvent> events)
    {
        if (shards.Count == 0)
            await Begin();
        foreach (var shard in shards)
        {
            Assert.True(await shard.Take(new FeedPage(events, events.Max(happened => happened.Position)), Cancel));
            shard.Generation.Publish();
        }
    }

    // A writer, and readers who may see from the beginning what it writes.
    private async Task Begin()
    {
        foreach (var projection in new IProjection[] { Things(), Traces() })
        {
            var live = (await Store.Open(projection, Cancel)).Live;
            Assert.True(await Store.Complete(projection, live, Cancel));
            shards.Add(await Shard.Open(projection, live, parked, Cancel));
        }
    }

    private RecordedEvent Recorded(object fact) => new(
        ++position, StreamOf(fact), position, Guid.Empty, fact.GetType().Name, DateTimeOffset.UnixEpoch, fact);

    private StoredReadModel<Thing> Readers => things ??= new StoredReadModel<Thing>(Store, Slices());

    private Task<Thing?> Find(string key) => Readers.Find(key, Cancel);

    private Task<Page<Thing>> List(string index, string? cursor = null, int limit = 100, bool descending = false) =>
        Readers.List(index, cursor, limit, descending, Cancel);

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
