using System.Diagnostics;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class HashingThreadsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task No_more_run_at_once_than_there_are_threads()
    {
        using var threads = new HashingThreads(2, Patience, TimeProvider.System);
        var (running, most) = (0, 0);
        var gate = new Lock();

        int Work()
        {
            lock (gate)
                most = Math.Max(most, ++running);
            Thread.SpinWait(100_000);
            lock (gate)
                running--;
            return 0;
        }

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var place = threads.TakePlace()!;
            await place.Run(Work, CancellationToken.None);
        }));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Whoever_would_wait_too_long_is_refused_at_once()
    {
        using var threads = new HashingThreads(1, Patience, TimeProvider.System);
        using var gate = new ManualResetEventSlim();
        var places = new List<HashingThreads.Place>();
        var work = new List<Task>();
        while (threads.TakePlace() is { } place)
        {
            places.Add(place);
            work.Add(place.Run(() => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None));
        }

        // 40 ms are expected of each until one was measured.
        Assert.Equal(25, places.Count);
        var start = Stopwatch.GetTimestamp();
        Assert.Null(threads.TakePlace());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, 50);

        gate.Set();
        await Task.WhenAll(work);
        places.ForEach(place => place.Dispose());
        using var free = threads.TakePlace();
        Assert.NotNull(free);
    }

    [Fact]
    public async Task A_slow_machine_has_a_shorter_queue_and_never_none()
    {
        var clock = new ManualTime();
        using var threads = new HashingThreads(1, Patience, clock);
        for (var hash = 0; hash < 40; hash++)
        {
            using var place = threads.TakePlace()!;
            await place.Run(
                () =>
                {
                    clock.Advance(TimeSpan.FromMilliseconds(600));
                    return 0;
                },
                CancellationToken.None);
        }

        await Wait.Until(() => Places(threads) == 2, "the average follows");
    }

    [Fact]
    public async Task Whoever_has_gone_is_not_worked_for()
    {
        using var threads = new HashingThreads(1, Patience, TimeProvider.System);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        using var place = threads.TakePlace()!;
        await Assert.ThrowsAsync<TaskCanceledException>(() => place.Run<int>(() => throw new InvalidOperationException("It ran."), gone.Token));
    }

    [Fact]
    public async Task A_failure_reaches_who_asked_and_no_one_else()
    {
        using var threads = new HashingThreads(1, Patience, TimeProvider.System);
        using var place = threads.TakePlace()!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => place.Run<int>(() => throw new InvalidOperationException(), CancellationToken.None));
        Assert.Equal(7, await place.Run(() => 7, CancellationToken.None));
    }

    private static int Places(HashingThreads threads)
    {
        var places = new List<HashingThreads.Place>();
        while (threads.TakePlace() is { } place)
            places.Add(place);
        places.ForEach(place => place.Dispose());
        return places.Count;
    }
}
