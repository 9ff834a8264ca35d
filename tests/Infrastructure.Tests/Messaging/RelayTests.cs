using System.Collections.Concurrent;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Logging;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class RelayTests
{
    private readonly MemoryFeed feed = new(TimeProvider.System);
    private readonly MemoryCheckpoints checkpoints = new();

    [Fact]
    public async Task The_work_that_follows_from_a_fact_is_done_and_the_checkpoint_moves()
    {
        feed.Append(new Placed("1", "top", "a"), new Taken("1"), new Unseen());
        await using var node = await Running();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");

        var (work, origin) = Assert.Single(node.Duty.Done);
        Assert.Equal(new Dust("1"), work);
        Assert.Equal((feed.All()[0].CorrelationId, feed.All()[0].Id.ToString()), (origin.CorrelationId, origin.CausationId));
    }

    [Fact]
    public async Task What_was_relayed_before_is_not_relayed_after_a_clean_restart()
    {
        feed.Append(new Placed("1", "top", "a"));
        await using (var first = await Running())
            await Wait.Until(() => first.Duty.Done.Count == 1, "the work");
        Assert.Equal(feed.Head, checkpoints[Relay.Checkpoint]);

        feed.Append(new Placed("2", "top", "b"));
        await using var second = await Running();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");
        Assert.Equal([new Dust("2")], second.Duty.Done.Select(done => done.Work));
    }

    [Fact]
    public async Task The_checkpoint_never_passes_outstanding_work()
    {
        // For every event: when its work was done. No move may go past one that is not.
        var undone = new ConcurrentDictionary<long, string>();
        var offences = new ConcurrentQueue<long>();
        checkpoints.Moving = to =>
        {
            foreach (var at in undone.Keys.Where(at => at <= to))
                offences.Enqueue(at);
        };
        var random = new Random(3);
        foreach (var i in Enumerable.Range(0, 400))
            undone[feed.Append(new Placed($"{i}", "top", "a"))] = $"{i}";

        await using var node = new Node(feed, checkpoints, settings: new MessagingSettings
        {
            Concurrency = 16,
            CheckpointEvery = TimeSpan.FromMilliseconds(2),
            CheckpointAfter = 3,
            Outstanding = 50,
        });
        node.Duty.Do = async (work, cancel) =>
        {
            int wait;
            lock (random)
                wait = random.Next(6);
            await Task.Delay(wait, cancel);
            undone.Remove(undone.Single(pair => pair.Value == ((Dust)work).Thing).Key, out _);
            return default(Done);
        };
        await node.Start();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");
        Assert.Empty(offences);
        Assert.Equal(400, node.Duty.Done.Count);
    }

    [Fact]
    public async Task After_a_kill_the_unfinished_work_is_delivered_again()
    {
        var before = feed.Append(new Placed("1", "top", "a"));
        var stuck = feed.Append(new Placed("stuck", "top", "b"));
        feed.Append(new Placed("3", "top", "c"));
        var killed = new Node(feed, checkpoints);
        killed.Duty.Do = async (work, _) =>
        {
            if (work is Dust { Thing: "stuck" })
                await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
            return default(Done);
        };
        await killed.Start();
        await Wait.Until(() => killed.Duty.Done.Count == 2, "the other work");
        await Wait.Until(() => checkpoints[Relay.Checkpoint] >= before, "the checkpoint");
        Assert.True(checkpoints[Relay.Checkpoint] < stuck);

        // Killed: nobody stops it. Its checkpoint is all that the next process knows.
        await using var next = await Running(new MemoryCheckpoints { [Relay.Checkpoint] = checkpoints[Relay.Checkpoint] });
        await Wait.Until(() => next.Duty.Done.Count == 2, "the work that was left");
        Assert.Equal(
            [new Dust("3"), new Dust("stuck")],
            next.Duty.Done.Select(done => (Dust)done.Work).OrderBy(dust => dust.Thing, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Thousands_of_pieces_of_one_owner_do_not_keep_anothers_from_its_turn()
    {
        var (ann, bob) = (new AccountId(Guid.CreateVersion7()), new AccountId(Guid.CreateVersion7()));
        feed.AppendOf(ann, [.. Enumerable.Range(0, 3000).Select(i => new Placed($"{i}", "top", "a"))]);
        feed.AppendOf(bob, new Placed("bob's", "top", "b"));
        await using var node = new Node(feed, checkpoints, settings: new MessagingSettings { Concurrency = 1 });
        using var go = new SemaphoreSlim(0);
        node.Duty.Do = async (_, cancel) =>
        {
            await go.WaitAsync(cancel);
            return default(Done);
        };
        await node.Start();
        await Wait.Until(() => node.Get<InProcessQueue>().Lane("dust").Waiting == 3000, "all the work but the first");

        go.Release(2);
        await Wait.Until(() => node.Duty.Done.Count == 2, "the first two");
        Assert.Equal(new Dust("bob's", bob), node.Duty.Done[1].Work);
        go.Release(3000);
        await Wait.Until(() => node.Duty.Done.Count == 3001, "the rest");
    }

    [Fact]
    public async Task So_much_is_outstanding_and_no_more()
    {
        feed.Append([.. Enumerable.Range(0, 50).Select(i => new Placed($"{i}", "top", "a"))]);
        var go = new TaskCompletionSource();
        await using var node = new Node(feed, checkpoints, settings: new MessagingSettings { Concurrency = 100, Outstanding = 10 });
        var (running, most) = (0, 0);
        node.Duty.Do = async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await go.Task;
            Interlocked.Decrement(ref running);
            return default(Done);
        };
        await node.Start();
        await Wait.Until(() => Volatile.Read(ref running) == 10, "ten at once");
        go.SetResult();
        await Wait.Until(() => node.Duty.Done.Count == 50, "all of it");
        Assert.Equal(10, most);
    }

    [Fact]
    public async Task A_hearing_that_throws_parks_its_event_and_stops_no_other()
    {
        var poison = feed.Append(new Poisoned("1"));
        feed.Append(new Placed("2", "top", "a"));
        await using var node = await Running();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");

        Assert.Equal([new Dust("2")], node.Duty.Done.Select(done => done.Work));
        Assert.Contains(node.Parked.All, parked => parked.Subscriber == Relay.Checkpoint && parked.Position == poison);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_parked_and_stops_no_other()
    {
        var broken = feed.AppendUnreadable(new Placed("1", "top", "a"));
        feed.Append(new Placed("2", "top", "a"));
        await using var node = await Running();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");

        Assert.Equal([new Dust("2")], node.Duty.Done.Select(done => done.Work));
        Assert.Contains(node.Parked.All, parked => parked.Subscriber == Relay.Checkpoint && parked.Position == broken);
    }

    [Fact]
    public async Task A_checkpoint_that_another_node_moved_is_not_moved_back()
    {
        feed.Append(new Placed("1", "top", "a"));
        await using var node = await Running();
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");

        checkpoints[Relay.Checkpoint] = feed.Head + 1000;
        feed.Append(new Placed("2", "top", "b"));
        await Wait.Until(
            () => node.Log.Lines.Any(line => line.Level == LogLevel.Warning && line.Text.Contains("Another node", StringComparison.Ordinal)),
            "the warning");
        Assert.Equal(2, node.Duty.Done.Count);
        Assert.True(checkpoints[Relay.Checkpoint] > feed.Head);
    }

    [Fact]
    public async Task Work_begins_when_the_views_show_what_it_follows_from()
    {
        feed.Append([.. Enumerable.Range(0, 300).Select(i => new Placed($"{i}", "top", "a"))]);
        await using var node = await new Node(feed, checkpoints).Start<Relay>();
        var blind = 0;
        node.Duty.Do = async (work, cancel) =>
        {
            if (await node.Get<IReadModel<Thing>>().Find(((Dust)work).Thing, cancel) is null)
                Interlocked.Increment(ref blind);
            return default(Done);
        };
        await Wait.Until(() => feed.EmptyPages > 0, "a relay that has read all there is");
        await node.Start<ProjectionDaemon>();
        await Wait.Until(() => node.Duty.Done.Count == 300, "the work");
        Assert.Equal(0, blind);
    }

    private Task<Node> Running(MemoryCheckpoints? its = null) => new Node(feed, its ?? checkpoints).Start();
}
