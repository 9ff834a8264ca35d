using System.Collections.Concurrent;
using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

/// <summary>What every work queue keeps to. Dead letters are in a real database; the clock is the real one.</summary>
public abstract partial class WorkQueueContract(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly AccountId Ann = new(Guid.CreateVersion7());
    private static readonly AccountId Bob = new(Guid.CreateVersion7());

    private readonly List<Node> nodes = [];
    private string database = "";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private MemoryFeed Feed { get; } = new(TimeProvider.System);

    private MemoryCheckpoints Checkpoints { get; } = new();

    public virtual async ValueTask InitializeAsync() => database = await postgres.CreateDatabase();

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The adapter, wired as the Host does it.</summary>
    private protected abstract void Wire(IServiceCollection services, MessagingSettings? settings);

    [Fact]
    public async Task Work_is_done_with_the_origin_and_the_trace_that_it_came_with()
    {
        var spans = new ConcurrentQueue<(string Name, string Trace)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var node = await Started();
        node.Duty.Do = (_, _) =>
        {
            spans.Enqueue((Activity.Current!.OperationName, Activity.Current.TraceId.ToString()));
            return Task.FromResult<Answer<Done>>(default(Done));
        };
        Hand(node, new WorkItem("dust", new Dust("1", Ann), Trace, "event-1"));
        await Wait.Until(() => node.Duty.Done.Count == 1, "the work");

        Assert.Equal((new Dust("1", Ann), new Origin(null, Trace, "event-1") { Via = "work", Request = nameof(Dust) }), node.Duty.Done[0]);
        Assert.Equal(("Dust", Trace), Assert.Single(spans));
    }

    [Fact]
    public async Task So_much_of_a_kind_runs_at_once_and_no_more_and_all_of_it_is_done()
    {
        var node = await Started(new MessagingSettings { Concurrency = 3 });
        var (running, most) = (0, 0);
        using var all = new SemaphoreSlim(0);
        node.Duty.Do = async (_, cancel) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            if (Volatile.Read(ref most) < 3)
                await Task.Delay(50, cancel); // Until as many as may are here.
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return default(Done);
        };
        foreach (var i in Enumerable.Range(0, 200))
            Hand(node, Dusting($"{i}"));
        await Wait.Until(() => Things(node).Distinct().Count() == 200, "all of it");
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_kind_that_is_stuck_holds_up_no_other()
    {
        var stuck = new TaskCompletionSource<Answer<Done>>();
        var node = await Started();
        node.Duty.Do = (work, _) => work is Dust ? stuck.Task : Task.FromResult<Answer<Done>>(default(Done));
        foreach (var i in Enumerable.Range(0, 50))
            Hand(node, Dusting($"{i}"));
        Hand(node, new WorkItem("polish", new Polish("1"), null, null));
        await Wait.Until(() => node.Duty.Done.Any(done => done.Work is Polish), "the other kind");
        Assert.DoesNotContain(node.Duty.Done, done => done.Work is Dust);
        stuck.SetResult(default(Done));
        await Wait.Until(() => node.Duty.Done.Count == 51, "the rest");
    }

    [Fact]
    public async Task Who_hands_over_much_does_not_keep_another_from_his_turn()
    {
        var node = await Started(new MessagingSettings { Concurrency = 1, TakenPerRunning = 20 });
        using var go = new SemaphoreSlim(0);
        node.Duty.Do = async (_, cancel) =>
        {
            await go.WaitAsync(cancel);
            return default(Done);
        };
        foreach (var i in Enumerable.Range(0, 10))
            await Handed(node, new WorkItem("dust", new Dust($"{i}", Ann), null, null));
        await Handed(node, new WorkItem("dust", new Dust("bob's", Bob), null, null));
        await Wait.Until(() => node.Get<WorkLanes>()["dust"].Waiting == 10, "all but the first");

        go.Release(2);
        await Wait.Until(() => node.Duty.Done.Count == 2, "the first two");
        Assert.Equal("bob's", Things(node)[1]);
        go.Release(100);
        await Wait.Until(() => node.Duty.Done.Count == 11, "the rest");
    }

    [Fact]
    public async Task Work_is_held_back_until_its_time_and_holds_up_nothing()
    {
        var node = await Started(new MessagingSettings { Concurrency = 1, TakenPerRunning = 2 });
        // From here on both ends of the queue are open: what follows waits for its time and for nothing else.
        Hand(node, Dusting("first"));
        await Wait.Until(() => node.Duty.Done.Count == 1, "the first");
        var notBefore = TimeProvider.System.GetUtcNow().AddSeconds(5);
        var early = 0;
        node.Duty.Do = (work, _) =>
        {
            if (work is Dust { Thing: not "now" } && TimeProvider.System.GetUtcNow() < notBefore)
                Interlocked.Increment(ref early);
            return Task.FromResult<Answer<Done>>(default(Done));
        };
        foreach (var i in Enumerable.Range(0, 20))
            await Handed(node, Dusting($"late {i}") with { NotBefore = notBefore });
        Hand(node, Dusting("now"));
        await Wait.Until(() => node.Duty.Done.Count == 22, "all of it");
        Assert.Equal(0, early);
        Assert.Equal(["first", "now"], Things(node).Take(2));
    }

    [Fact]
    public async Task Work_that_nobody_does_or_that_does_not_survive_its_json_is_not_taken()
    {
        var node = await Started();
        await Assert.ThrowsAsync<NotSupportedException>(() => Handed(node, new WorkItem("lossy", new Lossy("lost"), null, null)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Handed(node, new WorkItem("dust", new Undeclared(), null, null)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Handed(node, new WorkItem("polish", new Dust("1"), null, null)));
    }

    [Fact]
    public async Task Three_times_and_backwards_ends_as_once_does()
    {
        var node = await Started();
        var shelves = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        node.Duty.Do = (work, _) =>
        {
            shelves[((Dust)work).Thing] = 1;
            return Task.FromResult<Answer<Done>>(default(Done));
        };
        var items = Enumerable.Range(0, 30).Select(i => new WorkItem("dust", new Dust($"{i}", Ann), Trace, $"event-{i}")).ToList();
        foreach (var item in items.Concat(Enumerable.Reverse(items)).Concat(items))
            Hand(node, item);
        await Wait.Until(() => Things(node).Count == 90, "everything, each time");
        Assert.Equal(30, shelves.Count);
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task A_stop_lets_running_work_end_and_the_rest_is_done_after_the_next_start()
    {
        var doing = new TaskCompletionSource<Answer<Done>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await Started(new MessagingSettings { Concurrency = 2 });
        first.Duty.Do = (_, _) => doing.Task;
        Feed.Append([.. Enumerable.Range(0, 12).Select(i => new Placed($"{i}", "top", "a"))]);
        await Wait.Until(() => first.Get<WorkLanes>()["dust"].Running == 2, "the start");

        var stop = first.Stop();
        Assert.False(stop.IsCompleted);
        doing.SetResult(default(Done));
        await Wait.For(stop);
        Assert.Equal(2, first.Duty.Done.Count);

        var second = await Started();
        await Wait.Until(() => Things(first).Concat(Things(second)).Distinct().Count() == 12, "the rest");
        Assert.Empty(await second.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task What_a_stop_cuts_short_is_done_after_the_next_start()
    {
        var first = await Started(new MessagingSettings { StopWithin = TimeSpan.Zero });
        first.Duty.Do = async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return default(Done);
        };
        Feed.Append(new Placed("1", "top", "a"));
        await Wait.Until(() => first.Get<WorkLanes>()["dust"].Running == 1, "the start");
        await Wait.For(first.Stop());
        Assert.Empty(first.Duty.Done);

        var second = await Started();
        await Wait.Until(() => Things(second) is ["1"], "the work");
    }

    [Fact]
    public async Task Operators_see_how_much_waits_and_runs_and_since_when()
    {
        var go = new TaskCompletionSource<Answer<Done>>();
        var node = await Started(new MessagingSettings { Concurrency = 2, ReportEvery = TimeSpan.FromMilliseconds(100) });
        node.Duty.Do = (_, _) => go.Task;
        foreach (var i in Enumerable.Range(0, 30))
            Hand(node, Dusting($"{i}"));
        await Wait.Until(
            async () => (await node.Get<IQueues>().List(Cancel)).Any(queue => queue is { Kind: "dust", Depth: 28, Running: 2, Consumers: 1, Oldest: not null }),
            "the report");
        go.SetResult(default(Done));
        await Wait.Until(
            async () => (await node.Get<IQueues>().List(Cancel)).Any(queue => queue is { Kind: "dust", Depth: 0, Running: 0, Oldest: null }),
            "the report of the end");
    }

    /// <summary>A node that runs, on the database of this test.</summary>
    private protected async Task<Node> Started(MessagingSettings? settings = null, TimeSpan? deadLettersEvery = null)
    {
        var node = new Node(Feed, Checkpoints, settings: (settings ?? new MessagingSettings()) with
        {
            FirstRetry = TimeSpan.FromMilliseconds(20),
            LongestRetry = TimeSpan.FromMilliseconds(600),
            DeadLettersEvery = deadLettersEvery ?? TimeSpan.FromMilliseconds(50),
            CheckpointEvery = TimeSpan.FromMilliseconds(20),
        }, messaging: Wire, database: database);
        nodes.Add(node);
        return await node.Start();
    }

    private protected static WorkItem Dusting(string thing) => new("dust", new Dust(thing), null, null);

    private protected static List<string> Things(Node node) =>
        [.. node.Duty.Done.Select(done => done.Work is Dust dust ? dust.Thing : "")];

    // Some queues have it when the broker has confirmed, others when it is done.
    private static void Hand(Node node, WorkItem item) => _ = node.Queue.Enqueue(item, Cancel);

    // In order: the queue in the process has it at once, and a broker when it has confirmed.
    private static async Task Handed(Node node, WorkItem item)
    {
        var handed = node.Queue.Enqueue(item, Cancel);
        if (node.Queue is not InProcessQueue || handed.IsFaulted)
            await Wait.For(handed);
    }

    private static void InterlockedMax(ref int most, int candidate)
    {
        for (var seen = Volatile.Read(ref most); candidate > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, candidate, seen);
    }
}

public sealed class InProcessQueueContractTests(PostgresFixture postgres) : WorkQueueContract(postgres)
{
    private protected override void Wire(IServiceCollection services, MessagingSettings? settings) =>
        services.AddInProcessMessaging(settings);
}
