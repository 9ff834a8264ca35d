using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ReadModels;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class DeadlinesTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime time = new();
    private readonly MemoryFeed feed;
    private readonly Node node;

    public DeadlinesTests()
    {
        feed = new MemoryFeed(time);
        node = new Node(feed, clock: time);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Work_follows_when_its_time_has_come_and_not_before()
    {
        await Begin(new Placed("1", "top", "a", time.GetUtcNow().AddSeconds(90)), new Placed("2", "top", "b"));
        for (var passed = 0; passed < 89; passed++)
            await Tick();
        Assert.Empty(node.Duty.Done);

        await Tick();
        await Wait.Until(() => node.Duty.Done.Count == 1, "the work");
        Assert.Equal(new Polish("1"), node.Duty.Done[0].Work);
    }

    [Fact]
    public async Task All_that_is_due_follows_page_by_page()
    {
        var due = time.GetUtcNow();
        await Begin([.. Enumerable.Range(0, 650).Select(i => new Placed($"{i}", "top", "a", due.AddSeconds(-i)))]);
        await Tick();

        await Wait.Until(() => node.Duty.Done.Count == 650, "all of it");
        Assert.Equal(650, node.Duty.Done.Distinct().Count());
    }

    [Fact]
    public async Task What_is_under_way_does_not_follow_again()
    {
        var doing = new TaskCompletionSource<Answer<Done>>();
        var begun = 0;
        node.Duty.Do = (_, _) =>
        {
            Interlocked.Increment(ref begun);
            return doing.Task;
        };
        await Begin(new Placed("1", "top", "a", time.GetUtcNow()));
        for (var passed = 0; passed < 600; passed++)
            await Tick(andDone: false);

        await Wait.Until(() => Volatile.Read(ref begun) > 0, "the start");
        Assert.Equal(0, node.Get<InProcessQueue>().Lane("polish").Waiting);
        Assert.Equal(1, begun);
        doing.SetResult(default(Done));
    }

    [Fact]
    public async Task It_follows_again_ever_less_often_until_the_view_leaves_the_index()
    {
        await Begin(new Placed("1", "top", "a", time.GetUtcNow()));
        for (var passed = 0; passed < 120; passed++)
            await Tick();
        Assert.InRange(node.Duty.Done.Count, 3, 6);

        feed.Append(new Taken("1"));
        await CatchUp();
        await Tick();
        var before = node.Duty.Done.Count;
        for (var passed = 0; passed < 600; passed++)
            await Tick();
        Assert.Equal(before, node.Duty.Done.Count);
    }

    [Fact]
    public async Task During_a_rebuild_nothing_is_due()
    {
        feed.Append(new Placed("1", "top", "a", time.GetUtcNow()), new Taken("1"), new Placed("2", "top", "a", time.GetUtcNow()));
        var cancel = TestContext.Current.CancellationToken;
        var live = (await node.Get<IViewStore>().Open(Shelf.Things(), cancel)).Live;
        await (await Shard.Open(Shelf.Things(), live, node.Parked, cancel)).Take(new FeedPage([feed.All()[0]], 1), cancel);
        live.Publish();
        await Tick();
        await Tick();
        Assert.Empty(node.Duty.Done);

        await node.Start<ProjectionDaemon>();
        await Wait.Until(() => node.Position.IsCaughtUp, "the rebuild");
        await Tick();
        Assert.Equal([new Polish("2")], node.Duty.Done.Select(done => done.Work));
    }

    [Fact]
    public async Task So_much_is_under_way_and_no_more_and_the_rest_follows()
    {
        var due = time.GetUtcNow();
        var go = new TaskCompletionSource<Answer<Done>>();
        node.Duty.Do = (_, _) => go.Task;
        await Begin([.. Enumerable.Range(0, 1500).Select(i => new Placed($"{i}", "top", "a", due.AddSeconds(-i)))]);
        await Tick(andDone: false);
        Assert.Equal(1000, Deadlines.UnderWay);

        go.SetResult(default(Done));
        await Wait.Until(() => Deadlines.UnderWay == 0, "the first thousand");
        await Tick();
        Assert.Equal(1500, node.Duty.Done.Distinct().Count());
    }

    [Fact]
    public async Task It_looks_every_second_by_itself()
    {
        await Begin(new Placed("1", "top", "a", time.GetUtcNow().AddSeconds(3)));
        await node.Start<Deadlines>();
        await Wait.Until(() => time.Next is not null, "the timer");
        time.Advance(Second);
        Assert.Empty(node.Duty.Done);
        time.Advance(Second);
        time.Advance(Second);
        await Wait.Until(() => node.Duty.Done.Count == 1, "the work");
    }

    private Deadlines Deadlines => node.Hosted<Deadlines>();

    private async Task Begin(params object[] facts)
    {
        feed.Append(facts);
        await node.Start<ProjectionDaemon>();
        await CatchUp();
    }

    private Task CatchUp() => Wait.Until(() => node.Position.IsCaughtUp && node.Position.Applied == feed.Head, "the views");

    private async Task Tick(bool andDone = true)
    {
        time.Advance(Second);
        await Deadlines.Look(TestContext.Current.CancellationToken);
        if (andDone)
            await Wait.Until(() => Deadlines.UnderWay == 0, "the work");
    }
}
