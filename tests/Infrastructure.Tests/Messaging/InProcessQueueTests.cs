using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class InProcessQueueTests : IAsyncDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly AsyncLocal<string> Theirs = new();

    private readonly ManualTime time = new();
    private readonly Node node;
    private int tries;

    public InProcessQueueTests() => node = new Node(
        new MemoryFeed(time), clock: time,
        settings: new MessagingSettings { Concurrency = 2, StopWithin = TimeSpan.FromSeconds(3) });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Work_is_done_with_the_origin_that_it_came_with()
    {
        await Wait.For(node.Queue.Enqueue(new WorkItem("dust", new Dust("1"), Trace, "event-1"), Cancel));

        Assert.Equal((new Dust("1"), new Origin(null, Trace, "event-1") { Via = "work", Request = nameof(Dust) }), Assert.Single(node.Duty.Done));
    }

    [Fact]
    public async Task The_origin_of_whoever_hands_over_stays_outside()
    {
        Origin.Current = new Origin(new AccountId(Guid.NewGuid()), "theirs", "theirs");
        Theirs.Value = "theirs";
        var (waits, leaked) = (true, default(string));
        node.Duty.Do = (_, _) =>
        {
            (waits, leaked) = (!ReadYourWrites.Skip, Theirs.Value);
            return Task.FromResult<Answer<Done>>(default(Done));
        };
        await Wait.For(node.Queue.Enqueue(Dusting("1"), Cancel));

        Assert.Equal(new Origin(null, null, null) { Via = "work", Request = nameof(Dust) }, Assert.Single(node.Duty.Done).Origin);
        Assert.False(waits);
        Assert.Null(leaked);
    }

    [Fact]
    public async Task Enqueue_completes_when_the_work_is_done_and_not_before()
    {
        var doing = new TaskCompletionSource<Answer<Done>>();
        node.Duty.Do = (_, _) => doing.Task;
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);
        await Wait.Until(() => Lane("dust").Running == 1, "the start");
        Assert.False(handedOver.IsCompleted);

        doing.SetResult(default(Done));
        await Wait.For(handedOver);
    }

    [Fact]
    public async Task So_much_of_a_kind_runs_at_once_and_no_more()
    {
        var (running, most) = (0, 0);
        node.Duty.Do = async (_, cancel) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Delay(5, cancel);
            Interlocked.Decrement(ref running);
            return default(Done);
        };
        await Wait.For(Task.WhenAll(Enumerable.Range(0, 20).Select(i => node.Queue.Enqueue(Dusting($"{i}"), Cancel))));

        Assert.Equal(2, most);
        Assert.Equal(20, node.Duty.Done.Count);
    }

    [Fact]
    public async Task Work_is_held_back_until_its_time()
    {
        var late = node.Queue.Enqueue(Dusting("late") with { NotBefore = time.GetUtcNow().AddHours(30) }, Cancel);
        await Wait.For(node.Queue.Enqueue(Dusting("now"), Cancel));
        time.Advance(TimeSpan.FromHours(29));
        Assert.False(late.IsCompleted);

        time.Advance(TimeSpan.FromHours(1));
        await Wait.For(late);
        Assert.Equal([new Dust("now"), new Dust("late")], node.Duty.Done.Select(done => done.Work));
    }

    [Fact]
    public async Task What_may_pass_is_tried_eight_times_ever_more_slowly()
    {
        node.Duty.Do = (_, _) => throw new TransientException("Not now.");
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);

        await PassRetries([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8]);
        await Wait.For(handedOver);
        Assert.Equal(8, Assert.Single(await node.DeadLetters.List(10, Cancel)).Tries);
    }

    [Fact]
    public async Task What_nobody_expected_is_tried_four_times()
    {
        node.Duty.Do = (_, _) => throw new FormatException("A bug.");
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);

        await PassRetries([0.2, 0.4, 0.8]);
        await Wait.For(handedOver);
        var letter = Assert.Single(await node.DeadLetters.List(10, Cancel));
        Assert.Equal(("dust", typeof(Dust).FullName, """{"thing":"1","owner":"00000000-0000-0000-0000-000000000000"}""", 4), (letter.Kind, letter.Work, letter.Body, letter.Tries));
        Assert.Equal("FormatException in EventFiles.Infrastructure.Tests.Messaging.InProcessQueueTests", letter.Error);
    }

    [Fact]
    public async Task What_passed_in_time_is_no_dead_letter()
    {
        node.Duty.Do = (_, _) => ++tries < 3 ? throw new TransientException("Not now.") : Task.FromResult<Answer<Done>>(default(Done));
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);

        await PassRetries([0.2, 0.4]);
        await Wait.For(handedOver);
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task No_is_an_answer_and_is_not_asked_again()
    {
        node.Duty.Do = (_, _) =>
        {
            tries++;
            return Task.FromResult<Answer<Done>>(new Rejection("shelf.gone", RejectionKind.Gone, "It is gone."));
        };
        await Wait.For(node.Queue.Enqueue(Dusting("1"), Cancel));

        Assert.Equal(1, tries);
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task Busy_is_asked_again_when_it_said_so()
    {
        node.Duty.Do = (_, _) => Task.FromResult<Answer<Done>>(++tries > 1
            ? default(Done)
            : new Rejection("shelf.busy", RejectionKind.Busy, "Later.") { RetryAfter = TimeSpan.FromMinutes(2) });
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);

        await Wait.Until(() => time.Next is not null, "the retry");
        Assert.Equal(TimeSpan.FromMinutes(2), time.Next);
        time.Advance(TimeSpan.FromMinutes(2));
        await Wait.For(handedOver);
    }

    [Fact]
    public async Task A_letter_whose_second_try_failed_is_there_again_and_is_asked_for_no_more()
    {
        var id = await GiveUp("1");
        Assert.True(await node.DeadLetters.Retry(id, Cancel));
        await node.Hosted<SecondChances>().Look(Cancel);
        Assert.True((await node.DeadLetters.Find(id, Cancel))!.Retrying);

        await PassRetries([0.2, 0.4, 0.8]);
        await Wait.Until(async () => (await node.DeadLetters.Find(id, Cancel))?.Retrying is false, "the second end");
    }

    [Fact]
    public async Task What_cannot_be_written_down_is_not_over()
    {
        var letters = (MemoryDeadLetters)node.DeadLetters;
        letters.Fail(2);
        node.Duty.Do = (_, _) => throw new FormatException("A bug.");
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);
        await PassRetries([0.2, 0.4, 0.8]);
        await PassRetries([0.2]);
        Assert.False(handedOver.IsCompleted);

        await PassRetries([0.4]);
        await Wait.For(handedOver);
        Assert.Single(await letters.List(10, Cancel));
    }

    [Fact]
    public async Task An_outage_of_the_database_costs_no_try()
    {
        node.Outage.Begin();
        node.Duty.Do = (_, _) => throw new TimeoutException("The database is away.");
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);
        await Wait.Until(() => node.Outage.Waiting == 1, "the wait");
        Assert.Null(time.Next);

        node.Duty.Do = (_, _) => Task.FromResult<Answer<Done>>(default(Done));
        node.Outage.End();
        await Wait.For(handedOver);
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task What_looks_like_an_outage_of_a_database_that_answers_is_given_up_in_the_end()
    {
        node.Duty.Do = (_, _) => throw new TimeoutException("Only for me.");
        var handedOver = node.Queue.Enqueue(Dusting("1"), Cancel);

        await PassRetries([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8]);
        await Wait.For(handedOver);
        Assert.Single(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task Work_that_does_not_survive_its_json_is_not_taken()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            node.Queue.Enqueue(new WorkItem("lossy", new Lossy("lost"), null, null), Cancel));
        await Wait.For(node.Queue.Enqueue(new WorkItem("lossy", new Lossy(), null, null), Cancel));
    }

    [Fact]
    public async Task Work_that_no_slice_does_or_on_a_wrong_queue_is_not_taken()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            node.Queue.Enqueue(new WorkItem("dust", new Undeclared(), null, null), Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            node.Queue.Enqueue(new WorkItem("polish", new Dust("1"), null, null), Cancel));
    }

    [Fact]
    public async Task A_stop_lets_running_work_end_and_begins_nothing_more()
    {
        var doing = new TaskCompletionSource<Answer<Done>>();
        node.Duty.Do = (_, _) => doing.Task;
        var handed = Enumerable.Range(0, 5).Select(i => node.Queue.Enqueue(Dusting($"{i}"), Cancel)).ToArray();
        await Wait.Until(() => Lane("dust").Running == 2, "the start");

        var stop = node.Get<InProcessQueue>().StopAsync(Cancel);
        Assert.False(stop.IsCompleted);
        doing.SetResult(default(Done));
        await Wait.For(stop);
        await Wait.For(Task.WhenAll(handed[..2]));
        foreach (var left in handed[2..])
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(left));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Queue.Enqueue(Dusting("late"), Cancel));
    }

    [Fact]
    public async Task A_stop_waits_so_long_and_then_cancels()
    {
        node.Duty.Do = async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return default(Done);
        };
        var handed = node.Queue.Enqueue(Dusting("1"), Cancel);
        await Wait.Until(() => Lane("dust").Running == 1, "the start");

        var stop = node.Get<InProcessQueue>().StopAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(3));
        await Wait.For(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(handed));
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    private static WorkItem Dusting(string thing) => new("dust", new Dust(thing), null, null);

    private WorkLane Lane(string kind) => node.Get<InProcessQueue>().Lane(kind);

    /// <summary>Waits for each retry's timer, checks its time (the wait named and up to half as much again), and lets it pass.</summary>
    private async Task PassRetries(double[] seconds)
    {
        foreach (var expected in seconds)
        {
            await Wait.Until(() => time.Next > TimeSpan.Zero, $"the retry after {expected} s");
            Assert.InRange(time.Next!.Value.TotalSeconds, expected - 0.001, (expected * 1.5) + 0.001);
            time.Advance(time.Next.Value);
        }
    }

    private async Task<Guid> GiveUp(string thing)
    {
        node.Duty.Do = (_, _) => throw new FormatException("A bug.");
        var handedOver = node.Queue.Enqueue(Dusting(thing), Cancel);
        await PassRetries([0.2, 0.4, 0.8]);
        await Wait.For(handedOver);
        return (await node.DeadLetters.List(10, Cancel))[^1].Id;
    }

    private static void InterlockedMax(ref int most, int candidate)
    {
        for (var seen = Volatile.Read(ref most); candidate > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, candidate, seen);
    }
}
