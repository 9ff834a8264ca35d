using EventFiles.Infrastructure.ReadModels;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class ProjectionDaemonTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private readonly MemoryFeed feed = new(TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Views_are_rebuilt_from_the_beginning_and_then_follow()
    {
        feed.Append([.. Enumerable.Range(0, 5000).Select(i => new Placed($"{i}", "top", $"{i}"))]);
        await using var node = await new Node(feed).Start<ProjectionDaemon>();
        await Wait.Until(() => node.Position.IsCaughtUp, "the rebuild");
        Assert.Equal(feed.Head, node.Position.Applied);
        Assert.Equal(1000, (await node.Get<IReadModel<Thing>>().List(ByName("top"), null, 1000, false, Cancel)).Items.Count);

        var position = feed.Append(new Placed("new", "bottom", "new"));
        Assert.True(await node.Position.Reached(position, Long, Cancel));
        Assert.NotNull(await node.Get<IReadModel<Thing>>().Find("new", Cancel));
    }

    [Fact]
    public async Task An_empty_log_is_caught_up_with_at_once()
    {
        await using var node = await new Node(feed).Start<ProjectionDaemon>();

        await Wait.Until(() => node.Position.IsCaughtUp, "readiness");
        Assert.Equal(0, feed.EmptyPages);
    }

    [Fact]
    public async Task What_no_projection_follows_is_reached_too()
    {
        await using var node = await new Node(feed).Start<ProjectionDaemon>();

        Assert.True(await node.Position.Reached(feed.Append(new Unseen()), Long, Cancel));
    }

    [Fact]
    public async Task Steady_writing_does_not_put_off_readiness()
    {
        feed.Append(new Placed("1", "top", "a"));
        await using var node = new Node(feed);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writer = Task.Run(
            async () =>
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                {
                    feed.Append(new Placed($"{i % 100}", "top", $"{i}"));
                    await Task.Yield();
                }
            },
            Cancel);
        await node.Start<ProjectionDaemon>();
        await Wait.Until(() => node.Position.IsCaughtUp, "readiness");
        await done.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Behind_an_open_transaction_nothing_is_ready_that_was_committed_before_the_start()
    {
        feed.Append(new Placed("1", "top", "a"), new Placed("2", "top", "b"));
        feed.OpenAfter = 1;
        await using var node = await new Node(feed).Start<ProjectionDaemon>();
        await Wait.Until(() => feed.EmptyPages > 200, "looks that find nothing more");
        Assert.False(node.Position.IsCaughtUp);
        Assert.Equal(1, node.Position.Applied);

        feed.OpenAfter = long.MaxValue;
        await Wait.Until(() => node.Position.IsCaughtUp, "the rebuild");
        Assert.NotNull(await node.Get<IReadModel<Thing>>().Find("2", Cancel));
    }

    [Fact]
    public async Task A_database_that_is_away_is_waited_for()
    {
        feed.Fail(2);
        feed.Append(new Placed("1", "top", "a"));
        await using var node = await new Node(feed).Start<ProjectionDaemon>();

        Assert.True(await node.Position.Reached(feed.Head, Long, Cancel));
        Assert.Equal(2, node.Log.Lines.Count(line => line.Text.Contains("cannot read the log", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_poison_event_is_parked_and_the_rest_goes_on()
    {
        feed.Append(new Placed("1", "top", "a"));
        var poison = feed.Append(new Poisoned("1"));
        feed.Append(new Placed("2", "top", "b"));
        await using var node = await new Node(feed).Start<ProjectionDaemon>();

        Assert.True(await node.Position.Reached(feed.Head, Long, Cancel));
        Assert.NotNull(await node.Get<IReadModel<Thing>>().Find("2", Cancel));
        Assert.Equal(("things", poison), Assert.Single(node.Parked.All.Select(one => (one.Subscriber, one.Position))));
    }
}
