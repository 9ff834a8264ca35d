using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.ShardNode;
using Microsoft.Extensions.DependencyInjection;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>What an operator may count on when views are rebuilt, whatever store keeps them. On a real database.</summary>
public abstract class RebuildContract(PostgresFixture postgres)
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract void AddViews(IServiceCollection services);

    private protected async Task<BoardNode> Start(Board? board = null, string? database = null) =>
        await new BoardNode(database ?? await postgres.CreateDatabase(), AddViews, board).Start();

    private protected Task<string> Database() => postgres.CreateDatabase();

    [Fact]
    public async Task Writes_and_reads_go_on_while_everything_is_rebuilt()
    {
        await using var node = await Start();
        for (var i = 0; i < 300; i++)
            await node.Happen(new Pinned($"{i % 30}", $"card {i}"), new Named($"{i % 30}", $"name {i}"));
        await node.Show(new Pinned("steady", "card"));

        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writer = Write();
        var reader = Read();
        for (var round = 1; round <= 3; round++)
        {
            await node.Ask(ProjectionWish.Rebuild, "boards", "tallies");
            foreach (var name in new[] { "boards", "tallies" })
            {
                var status = await node.Until(one => one.Rebuild is null, "the rebuild", name);
                Assert.Equal((0, round + 1), (status.Differences, status.Generation));
                Assert.Equal(status.LiveDigest, status.ShadowDigest);
            }
        }

        await done.CancelAsync();
        Assert.True(await writer > 0);
        Assert.True(await reader > 0);

        async Task<int> Write()
        {
            var count = 0;
            for (; !done.IsCancellationRequested; count++)
            {
                // Read your own writes, through every switch.
                await node.Show(new Pinned("busy", $"{count}"));
                Assert.Equal($"{count}", (await node.Find("busy"))!.Cards[^1]);
            }

            return count;
        }

        async Task<int> Read()
        {
            var (count, seen) = (0, 0);
            var boards = node.Get<IReadModel<View>>();
            for (; !done.IsCancellationRequested; count++)
            {
                Assert.NotNull(await node.Find("steady"));
                var busy = (await node.Find("busy"))?.Cards.Length ?? 0;
                Assert.True(busy >= seen, $"{busy} cards after {seen}");
                seen = busy;
                var first = await boards.List("by-size", null, 10, false, Cancel);
                var second = await boards.List("by-size", first.NextCursor, 1000, false, Cancel);
                // The busy board moves on from page to page; each other one stands once.
                var others = first.Items.Concat(second.Items).Select(board => board.Id).Where(id => id != "busy").ToList();
                Assert.Equal((31, 31), (others.Count, others.Distinct().Count()));
                await Task.Yield();
            }

            return count;
        }
    }

    [Fact]
    public async Task What_differs_is_told_with_the_event_that_made_it_and_waits_for_the_operator()
    {
        await using var node = await Start();
        await node.Show(new Pinned("1", "a"), new Pinned("2", "b"), new Pinned("3", "c"));
        var named = await node.Show(new Named("2", "secret"));
        await node.Spoil("2", board => board with { Name = "spoilt/name" });

        await node.Ask(ProjectionWish.RebuildAndCompare);
        var status = await node.Until(one => one.State == "compared" && one.ComparedAt is not null, "the comparison");
        Assert.Equal((1, 1, 2), (status.Differences, status.Generation, status.Shadow));
        Assert.NotEqual(status.LiveDigest, status.ShadowDigest);
        var view = Assert.Single((await node.Register.Diff("boards", Cancel))!.Items);
        Assert.Equal("2", view.Key);
        Assert.Equal(["/name"], view.Paths);
        Assert.Equal((named, "boards.named.v1", "name-2"), (view.Shadow!.Position, view.Shadow.Event, view.Shadow.Stream));
        Assert.NotEqual(view.Live!.Hash, view.Shadow.Hash);
        Assert.Null(view.Live.Value ?? view.Shadow.Value);

        // The old views serve, and both follow the log.
        Assert.Equal("spoilt/name", (await node.Find("2"))!.Name);
        await node.Show(new Pinned("3", "d"));
        await node.Ask(ProjectionWish.CompareWithValues);
        await node.Until(one => !one.Comparing, "the second comparison");
        var again = Assert.Single((await node.Register.Diff("boards", Cancel))!.Items);
        Assert.Contains("spoilt/name", again.Live!.Value, StringComparison.Ordinal);
        Assert.Contains("secret of 1", again.Shadow!.Value, StringComparison.Ordinal);
        await node.Ask(ProjectionWish.ForgetValues);
        Assert.Null(Assert.Single((await node.Register.Diff("boards", Cancel))!.Items).Live!.Value);

        await node.Ask(ProjectionWish.Switch);
        Assert.Equal(2, (await node.Until(one => one.Rebuild is null, "the switch")).Generation);
        Assert.Equal("secret of 1", (await node.Find("2"))!.Name);
        Assert.Equal(["c", "d"], (await node.Find("3"))!.Cards);
    }

    [Fact]
    public async Task A_view_too_many_and_a_view_too_few_are_told()
    {
        await using var node = await Start();
        await node.Show(new Pinned("1", "a"));
        await node.Show(new Pinned("2", "b"));
        var live = (await node.Store.Open(node.Board.Boards(), Cancel)).Live;
        var at = await live.Position(Cancel);
        await live.Apply(
            new ViewBatch(at, at, [new("1", null, 0, [], []), new("9", new View("9", "", [], 1), at, [], [])]), Cancel);

        await node.Ask(ProjectionWish.RebuildAndCompare);
        await node.Until(one => one.State == "compared" && one.ComparedAt is not null, "the comparison");
        var items = (await node.Register.Diff("boards", Cancel))!.Items;
        Assert.Equal([("1", false, true), ("9", true, false)], items.Select(one => (one.Key, one.Live is not null, one.Shadow is not null)));
    }

    [Fact]
    public async Task A_place_that_no_view_has_is_told()
    {
        await using var node = await Start();
        await node.Show(new Pinned("1", "a"));
        var live = (await node.Store.Open(node.Board.Boards(), Cancel)).Live;
        var at = await live.Position(Cancel);
        var board = await node.Find("1");
        await live.Apply(new ViewBatch(at, at, [new("1", board, at, [], [new IndexEntry("nowhere", "")])]), Cancel);
        live.Publish();

        await node.Ask(ProjectionWish.RebuildAndCompare);
        await node.Until(one => one.State == "compared" && one.ComparedAt is not null, "the comparison");
        Assert.Equal([JsonPaths.Places], Assert.Single((await node.Register.Diff("boards", Cancel))!.Items).Paths);
    }

    [Fact]
    public async Task What_is_equal_is_shown_without_a_further_word()
    {
        await using var node = await Start();
        await node.Show(new Pinned("1", "a"));

        await node.Ask(ProjectionWish.RebuildAndCompare);
        var status = await node.Until(one => one.Rebuild is null, "the switch");
        Assert.Equal((2, 0), (status.Generation, status.Differences));

        // Asked too late or twice, it is so already.
        await node.Ask(ProjectionWish.Switch);
        await node.Show(new Pinned("1", "b"));
        Assert.Equal(2, (await node.Status()).Generation);
    }

    [Fact]
    public async Task What_is_discarded_leaves_no_trace()
    {
        await using var node = await Start();
        await node.Show(new Pinned("1", "a"));
        await node.Spoil("1", board => board with { Name = "as it was" });

        await node.Ask(ProjectionWish.RebuildAndCompare);
        await node.Until(one => one.State == "compared" && one.ComparedAt is not null, "the comparison");
        await node.Ask(ProjectionWish.Discard);
        var ended = await node.Until(one => one is { Rebuild: null, State: "live", Shadow: null }, "the end");
        // Readers see what was made before: an erasure must not take it for made anew.
        Assert.Null(ended.BegunAt);
        await node.Show(new Pinned("1", "b"));

        Assert.Equal(["a", "b"], (await node.Find("1"))!.Cards);
        Assert.Equal(1, (await node.Status()).Generation);
        Assert.Null((await node.Store.Open(node.Board.Boards(), Cancel)).Shadow);
    }

    [Fact]
    public async Task A_rebuild_causes_no_work_and_no_event()
    {
        await using var node = await Start();
        var last = 0L;
        for (var i = 0; i < 20; i++)
            last = await node.Show(new Pinned("1", $"{i}"));
        await Wait.Until(() => node.Get<Followed>().Count == 20, "the work");

        await node.Ask(ProjectionWish.Rebuild, "boards", "tallies");
        await node.Until(one => one.Rebuild is null, "the rebuild");
        await node.Until(one => one.Rebuild is null, "the rebuild", "tallies");
        // What the relay would have handed over is done before the work of a later event.
        await node.Show(new Pinned("2", "after"));
        await Wait.Until(() => node.Get<Followed>().Count >= 21, "the later work");

        Assert.Equal(21, node.Get<Followed>().Count);
        await node.Until(one => one.Target == last + 1, "a log that holds what was written and no more");
    }

    [Fact]
    public async Task A_paused_projection_rests_and_nobody_waits_for_it()
    {
        var database = await Database();
        await using (var node = await Start(database: database))
        {
            await node.Show(new Pinned("1", "a"));
            await node.Ask(ProjectionWish.Pause);
            await node.Until(one => one.State == "paused", "the pause");
            await node.Show(new Pinned("1", "b"), new Pinned("2", "c"));
            await node.Until(one => one.Position >= 3, "the others", "tallies");

            Assert.Equal(["a"], (await node.Find("1"))!.Cards);
            Assert.Null(await node.Find("2"));
        }

        await using var again = await Start(database: database);
        await again.Until(one => one is { State: "paused", Position: 1 }, "the pause after the restart");
        Assert.Equal(["a"], (await again.Find("1"))!.Cards);
        await again.Show(new Pinned("1", "d"));
        Assert.Equal(["a"], (await again.Find("1"))!.Cards);

        await again.Ask(ProjectionWish.Resume);
        await again.Until(one => one is { State: "live", Position: >= 4 }, "what it missed");
        Assert.Equal(["a", "b", "d"], (await again.Find("1"))!.Cards);
        await again.Show(new Pinned("1", "e"));
        Assert.Equal(["a", "b", "d", "e"], (await again.Find("1"))!.Cards);
    }

    [Fact]
    public async Task A_poison_event_waits_with_its_stream_until_it_is_retried_and_then_nothing_shows_of_it()
    {
        await using var node = await Start(new Board { Poison = { "bad" } });
        await node.Show(new Pinned("1", "a"), new Pinned("2", "b"));
        var bad = await node.Show(new Pinned("1", "bad"));
        await node.Show(new Pinned("1", "c"), new Named("1", "one"), new Pinned("2", "d"));

        Assert.Equal(["a"], (await node.Find("1"))!.Cards);
        Assert.Equal("one of 1", (await node.Find("1"))!.Name);
        Assert.Equal(["b", "d"], (await node.Find("2"))!.Cards);
        var parked = Assert.Single(await node.Register.Parked(Cancel));
        Assert.Equal(
            ("boards", bad, "board-1", "boards.pinned.v1", 1, 1),
            (parked.Subscriber, parked.Position, parked.Stream, parked.Event, parked.Behind, parked.Tries));
        Assert.DoesNotContain("bad", parked.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Log.Lines, line => line.Text.Contains("Cannot take", StringComparison.Ordinal));

        await node.Ask(ProjectionWish.RetryParked);
        await node.Until(one => !one.Retrying, "the retry");
        Assert.Equal(2, Assert.Single(await node.Register.Parked(Cancel)).Tries);

        node.Board.Poison.Clear();
        await node.Ask(ProjectionWish.RetryParked);
        await node.Until(one => !one.Retrying, "the second retry");
        Assert.Empty(await node.Register.Parked(Cancel));
        Assert.Equal(["a", "bad", "c"], (await node.Find("1"))!.Cards);
        // Two cards were there before it: late is the same as in turn.
        Assert.Equal("one of 3", (await node.Find("1"))!.Name);
        await node.Show(new Pinned("1", "e"));
        await node.Ask(ProjectionWish.RebuildAndCompare);
        Assert.Equal(0, (await node.Until(one => one.Rebuild is null, "the rebuild")).Differences);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_waits_with_its_stream_and_stops_nobody()
    {
        await using var node = await Start();
        await node.Show(new Pinned("2", "a"));
        await node.Damage("board-1", "boards.pinned.v1", """{"of": {"damaged": "secret"}}""");
        var last = await node.Show(new Pinned("2", "b"));

        Assert.Equal(["a", "b"], (await node.Find("2"))!.Cards);
        var parked = await node.Register.Parked(Cancel);
        Assert.Equal(["boards", "tallies"], parked.Select(one => one.Subscriber).Except([Relay.Checkpoint]).Order(StringComparer.Ordinal));
        Assert.All(parked, one => Assert.Equal(("board-1", last - 1), (one.Stream, one.Position)));
        Assert.All(parked, one => Assert.DoesNotContain("secret", one.Error, StringComparison.Ordinal));

        await node.Mend("board-1", """{"of": "1", "card": "c"}""");
        foreach (var name in new[] { "boards", "tallies" })
        {
            await node.Ask(ProjectionWish.RetryParked, name);
            await node.Until(one => !one.Retrying, "the retry", name);
        }

        Assert.DoesNotContain(await node.Register.Parked(Cancel), one => one.Subscriber is not Relay.Checkpoint);
        Assert.Equal(["c"], (await node.Find("1"))!.Cards);
    }

    [Fact]
    public async Task A_rebuild_with_a_mended_fold_takes_what_was_parked()
    {
        await using var node = await Start(new Board { Poison = { "bad" } });
        await node.Show(new Pinned("1", "a"));
        await node.Show(new Pinned("1", "bad"), new Pinned("1", "c"));
        Assert.Equal(1, (await node.Status()).Parked);

        node.Board.Poison.Clear();
        await node.Ask(ProjectionWish.Rebuild);
        Assert.Equal((1, 0), ((await node.Until(one => one.Rebuild is null, "the rebuild")).Differences, (await node.Status()).Parked));
        Assert.Equal(["a", "bad", "c"], (await node.Find("1"))!.Cards);
        Assert.Empty(await node.Register.Parked(Cancel));
    }

    [Fact]
    public async Task Nothing_is_applied_twice_whatever_is_rebuilt_paused_and_restarted()
    {
        var database = await Database();
        var sent = 0;
        for (var life = 0; life < 3; life++)
        {
            await using var node = await Start(database: database);
            for (var i = 0; i < 20; i++)
            {
                await node.Happen(new Pinned("1", $"{sent++}"));
                if (i == 5)
                    await node.Ask(ProjectionWish.Rebuild, "tallies");
                if (i == 10)
                    await node.Ask(ProjectionWish.Pause, "tallies");
                if (i == 15)
                    await node.Ask(ProjectionWish.Resume, "tallies");
            }

            await node.Until(one => one is { State: "live", Rebuild: null } && one.Position == sent, "all of it", "tallies");
            Assert.Equal(sent, (await node.Get<IReadModel<Tally>>().Find("board-1", Cancel))!.Events);
        }
    }
}
