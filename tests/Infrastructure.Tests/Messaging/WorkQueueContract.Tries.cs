using System.Collections.Concurrent;
using System.Diagnostics;
using EventFiles.Infrastructure.Messaging;
using Npgsql;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging;

// What becomes of work that fails.
public abstract partial class WorkQueueContract
{
    private readonly ConcurrentQueue<(IWork Work, long At)> begun = [];

    [Fact]
    public async Task What_may_pass_is_tried_eight_times_ever_more_slowly_and_then_given_up()
    {
        var node = await Started();
        Fails(node, () => new TransientException("Not now."));
        Hand(node, new WorkItem("dust", new Dust("1", Ann), Trace, "event-1"));
        var letter = await Letter(node);

        Assert.Equal(8, letter.Tries);
        Assert.Equal(
            ("dust", typeof(Dust).FullName!, $$"""{"thing":"1","owner":"{{Ann}}"}""", Trace, "event-1", false),
            (letter.Kind, letter.Work, letter.Body, letter.CorrelationId, letter.CausationId, letter.Retrying));
        Assert.StartsWith("TransientException in ", letter.Error, StringComparison.Ordinal);
        Assert.Equal(letter with { }, await node.DeadLetters.Find(letter.Id, Cancel));
        AssertWaits([20, 40, 80, 160, 320, 400, 400]);
    }

    [Fact]
    public async Task What_nobody_expected_is_tried_four_times_and_then_given_up()
    {
        var node = await Started();
        Fails(node, () => new FormatException("A bug."));
        Hand(node, Dusting("1"));

        Assert.Equal(4, (await Letter(node)).Tries);
        AssertWaits([20, 40, 80]);
    }

    [Fact]
    public async Task What_passed_in_time_is_no_dead_letter_and_no_is_an_answer()
    {
        var node = await Started();
        var tries = 0;
        node.Duty.Do = (work, _) => work is Polish
            ? Task.FromResult<Answer<Done>>(new Rejection("shelf.gone", RejectionKind.Gone, "It is gone."))
            : Interlocked.Increment(ref tries) < 3 ? throw new FormatException("A bug.") : Task.FromResult<Answer<Done>>(default(Done));
        Hand(node, new WorkItem("polish", new Polish("1"), null, null));
        Hand(node, Dusting("1"));
        await Wait.Until(() => node.Duty.Done.Count == 2, "both");
        Assert.Equal(3, tries);
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task Busy_is_asked_again_when_it_said_so()
    {
        var node = await Started();
        node.Duty.Do = (work, _) =>
        {
            begun.Enqueue((work, Stopwatch.GetTimestamp()));
            return Task.FromResult<Answer<Done>>(begun.Count > 1
                ? default(Done)
                : new Rejection("shelf.busy", RejectionKind.Busy, "Later.") { RetryAfter = TimeSpan.FromMilliseconds(900) });
        };
        Hand(node, Dusting("1"));
        await Wait.Until(() => begun.Count == 2, "the second try");
        AssertWaits([900]);
    }

    [Fact]
    public async Task What_another_worker_is_at_comes_again_until_it_is_over_and_uses_up_no_try()
    {
        var node = await Started();
        node.Duty.Do = (work, _) =>
        {
            begun.Enqueue((work, Stopwatch.GetTimestamp()));
            return begun.Count <= 10
                ? Task.FromResult<Answer<Done>>(new Rejection("shelf.dusting", RejectionKind.Conflict, "It is.") { RetryAfter = TimeSpan.FromMilliseconds(30) })
                : throw new FormatException("A bug.");
        };
        Hand(node, Dusting("1"));

        Assert.Equal(4, (await Letter(node)).Tries);
        AssertWaits([.. Enumerable.Repeat(30, 10), 20, 40, 80]);
    }

    [Fact]
    public async Task A_disk_that_is_full_costs_no_try()
    {
        var node = await Started();
        Fails(node, () => begun.Count switch
        {
            > 10 => new FormatException("A bug."),
            var count when count % 2 == 0 => new InvalidOperationException("Outside", new IOException("No space left on device", 28)),
            _ => new PostgresException("could not extend file", "ERROR", "ERROR", PostgresErrorCodes.DiskFull),
        });
        Hand(node, Dusting("1"));

        Assert.Equal(4, (await Letter(node)).Tries);
        Assert.Equal(14, begun.Count);
    }

    [Fact]
    public async Task A_dead_letter_is_tried_again_or_discarded_and_is_one_for_the_same_work()
    {
        var node = await Started();
        Fails(node, () => new FormatException("A bug."));
        Hand(node, Dusting("1"));
        var first = await Letter(node);
        Hand(node, Dusting("1"));
        await Wait.Until(() => begun.Count == 8, "the same again");
        await Wait.Until(async () => (await Letter(node)).At > first.At, "the letter of the second");
        Assert.Equal(first.Id, (await Letter(node)).Id);

        Assert.True(await node.DeadLetters.Retry(first.Id, Cancel));
        await Wait.Until(() => begun.Count == 12, "another life in vain");
        await Wait.Until(async () => (await Letter(node)) is { Retrying: false, Tries: 4 } again && again.Id == first.Id, "the letter to be there again");

        node.Duty.Do = (_, _) => Task.FromResult<Answer<Done>>(default(Done));
        Assert.True(await node.DeadLetters.Retry(first.Id, Cancel));
        await Wait.Until(() => node.Duty.Done.Count == 1, "the third life");
        await Wait.Until(async () => (await node.DeadLetters.List(10, Cancel)).Count == 0, "the letter to go");
        Assert.False(await node.DeadLetters.Retry(first.Id, Cancel));

        Fails(node, () => new FormatException("A bug."));
        Hand(node, Dusting("2"));
        var second = await Letter(node);
        Assert.True(await node.DeadLetters.Discard(second.Id, Cancel));
        Assert.False(await node.DeadLetters.Discard(second.Id, Cancel));
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task A_letter_that_came_back_and_is_asked_for_again_is_not_forgotten_with_the_first_asking()
    {
        // Nobody else hands letters out meanwhile.
        var node = await Started(deadLettersEvery: TimeSpan.FromHours(1));
        var letters = node.Get<IDeadLetterBox>();
        Fails(node, () => new FormatException("A bug."));
        Hand(node, Dusting("1"));
        var first = await Letter(node);
        await node.DeadLetters.Retry(first.Id, Cancel);
        var asked = Assert.Single(await letters.Asked(10, Cancel));

        // It was handed out, given up again and asked for again before whoever handed it out could say so.
        await letters.Add(asked.Message, "Once more", 4, Cancel);
        await node.DeadLetters.Retry(first.Id, Cancel);
        await letters.Forget(asked, Cancel);

        Assert.True((await Letter(node)).Retrying);
    }

    private void Fails(Node node, Func<Exception> how) => node.Duty.Do = (work, _) =>
    {
        begun.Enqueue((work, Stopwatch.GetTimestamp()));
        throw how();
    };

    private static async Task<DeadLetter> Letter(Node node)
    {
        await Wait.Until(async () => (await node.DeadLetters.List(10, Cancel)).Count == 1, "the letter");
        return (await node.DeadLetters.List(10, Cancel))[0];
    }

    // Never sooner than said, but for what a timer is off. How much later is the machine's business.
    private void AssertWaits(int[] milliseconds)
    {
        var at = begun.Select(one => one.At).ToList();
        Assert.Equal(milliseconds.Length + 1, at.Count);
        foreach (var (wait, i) in milliseconds.Select((wait, i) => (wait, i)))
            Assert.InRange(Stopwatch.GetElapsedTime(at[i], at[i + 1]).TotalMilliseconds, wait - 5, double.MaxValue);
    }
}
