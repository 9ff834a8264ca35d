using System.Collections.Concurrent;
using EventFiles.Infrastructure.Messaging;

namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class WorkLaneTests : IDisposable
{
    private static readonly AccountId Ann = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly AccountId Bob = new(Guid.Parse("00000000-0000-7000-8000-00000000000b"));
    private static readonly AccountId Cyd = new(Guid.Parse("00000000-0000-7000-8000-00000000000c"));

    private readonly ManualTime time = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> running = [];
    private readonly ConcurrentQueue<string> begun = [];
    private readonly List<WorkLane> lanes = [];

    public void Dispose() => lanes.ForEach(lane => lane.Dispose());

    [Fact]
    public async Task Two_hundred_slow_pieces_of_one_owner_delay_anothers_by_no_more_than_what_runs_already()
    {
        var lane = Lane(4);
        for (var number = 0; number < 200; number++)
            Add(lane, Ann, $"ann {number}");
        await Begun(4);
        Add(lane, Bob, "bob");

        End("ann 2");
        await Begun(5);
        Assert.Equal("bob", begun.Last());
    }

    [Fact]
    public async Task Owners_take_turns()
    {
        var lane = Lane(1);
        foreach (var (owner, name) in new[] { (Ann, "ann 1"), (Ann, "ann 2"), (Ann, "ann 3"), (Bob, "bob 1"), (Bob, "bob 2"), (Cyd, "cyd 1") })
            Add(lane, owner, name);

        Assert.Equal(["ann 1", "bob 1", "cyd 1", "ann 2", "bob 2", "ann 3"], await EndOneByOne(6));
    }

    [Fact]
    public async Task Whoever_comes_with_one_piece_again_and_again_holds_up_nobody()
    {
        var lane = Lane(1);
        Add(lane, Ann, "ann 1");
        Add(lane, Ann, "ann 2");
        await Begun(1);
        for (var number = 1; number <= 3; number++)
        {
            Add(lane, Bob, $"bob {number}");
            End(begun.Last());
            await Begun(number + 1);
        }

        Assert.Equal(["ann 1", "bob 1", "ann 2", "bob 2"], begun);
    }

    [Fact]
    public async Task Whose_work_is_slow_gets_no_more_places_than_others_who_wait()
    {
        var lane = Lane(4);
        for (var number = 0; number < 10; number++)
            Add(lane, Ann, $"ann {number}");
        await Begun(4);
        for (var number = 0; number < 10; number++)
            Add(lane, Bob, $"bob {number}");

        // Of Ann's first four, two stay for good: they are half of the places, and the other half is Bob's.
        End("ann 0");
        End("ann 1");
        for (var number = 0; number < 9; number++)
        {
            await Begun(6 + number);
            End($"bob {number}");
        }

        await Begun(15);
        Assert.Equal(10, begun.Count(name => name.StartsWith("bob", StringComparison.Ordinal)));
        Assert.Equal(5, begun.Count(name => name.StartsWith("ann", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_owners_own_work_begins_in_the_order_of_its_time()
    {
        var lane = Lane(1);
        Add(lane, Bob, "bob");
        await Begun(1);
        Add(lane, Ann, "in three minutes", TimeSpan.FromMinutes(3));
        Add(lane, Ann, "in one minute", TimeSpan.FromMinutes(1));
        Add(lane, Ann, "in an hour", TimeSpan.FromHours(1));
        Add(lane, Ann, "now, first");
        Add(lane, Ann, "now, second");
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(["bob", "now, first", "now, second", "in one minute", "in three minutes"], await EndOneByOne(5));
        Assert.Equal(1, lane.Waiting);
        time.Advance(TimeSpan.FromHours(1));
        await Begun(6);
    }

    [Fact]
    public async Task Everything_begins_once_and_never_more_at_once_than_there_are_places()
    {
        var (now, most, done) = (0, 0, 0);
        var lane = new WorkLane(3, async delivery =>
        {
            var here = Interlocked.Increment(ref now);
            for (var seen = Volatile.Read(ref most); here > seen; seen = Volatile.Read(ref most))
                Interlocked.CompareExchange(ref most, here, seen);
            await Task.Yield();
            begun.Enqueue(delivery.Message.Body);
            Interlocked.Decrement(ref now);
            Interlocked.Increment(ref done);
        }, time);
        lanes.Add(lane);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            () =>
            {
                for (var number = 0; number < 500; number++)
                    lane.Add(Piece(new AccountId(new Guid(number % 7, 0, 0, new byte[8])), $"{writer}-{number}"), TimeSpan.Zero);
            },
            TestContext.Current.CancellationToken)));

        await Wait.Until(() => Volatile.Read(ref done) == 4000, "all work");
        Assert.Equal(4000, begun.Distinct().Count());
        Assert.InRange(most, 1, 3);
        Assert.Equal(0, lane.Waiting);
        await Wait.For(lane.Stop());
    }

    [Fact]
    public async Task A_stop_cancels_what_waits_of_every_owner_and_lets_end_what_runs()
    {
        var lane = Lane(2);
        Add(lane, Ann, "ann 1");
        Add(lane, Bob, "bob 1");
        await Begun(2);
        var (due, later, late) = (Piece(Ann, "ann 2"), Piece(Cyd, "cyd 1"), Piece(Bob, "bob 2"));
        lane.Add(due, TimeSpan.Zero);
        lane.Add(later, TimeSpan.FromMinutes(1));

        var stopping = lane.Stop();
        lane.Add(late, TimeSpan.Zero);
        Assert.All([due, later, late], piece => Assert.True(piece.Done.Task.IsCanceled));
        End("ann 1");
        Assert.False(stopping.IsCompleted);
        End("bob 1");
        await Wait.For(stopping);
        Assert.Equal(2, begun.Count);
        Assert.Equal(0, lane.Waiting);
    }

    [Fact]
    public async Task Work_that_waits_does_not_mind_a_clock_that_is_put_back()
    {
        var lane = Lane(1);
        Add(lane, Ann, "at once");
        Add(lane, Ann, "later", TimeSpan.FromSeconds(1));
        await Begun(1);
        time.Set(-TimeSpan.FromHours(1));
        End("at once");
        time.Advance(TimeSpan.FromSeconds(1));
        await Begun(2);
    }

    private static Delivery Piece(AccountId owner, string name) => new(new Message("dust", "x", name, owner, null, null), default);

    private WorkLane Lane(int concurrency)
    {
        var lane = new WorkLane(
            concurrency,
            delivery =>
            {
                var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                running[delivery.Message.Body] = end;
                begun.Enqueue(delivery.Message.Body);
                return end.Task;
            },
            time);
        lanes.Add(lane);
        return lane;
    }

    private static void Add(WorkLane lane, AccountId owner, string name, TimeSpan after = default) =>
        lane.Add(Piece(owner, name), after);

    private void End(string name)
    {
        Assert.True(running.TryRemove(name, out var end));
        end.SetResult();
    }

    private Task Begun(int count) => Wait.Until(() => begun.Count >= count, $"{count} begun");

    private async Task<IEnumerable<string>> EndOneByOne(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            await Begun(number);
            End(begun.Last());
        }

        return begun;
    }
}
