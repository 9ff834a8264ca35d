using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Up to where the log is settled: nothing will ever appear at or before that position that is not there now.
/// One for all readers of the process; it looks while somebody waits.
/// </summary>
internal sealed class HighWater : IAsyncDisposable
{
    // Commits of other nodes make no sound here.
    private static readonly TimeSpan WhenQuiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AtGap = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenHeartbeats = TimeSpan.FromMinutes(1);

    private readonly EventPool pool;
    private readonly SettledLog log;
    private readonly ILogger<HighWater> logger;
    private readonly IDisposable gauges;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim polling = new(1, 1);
    private readonly SemaphoreSlim bell = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task pump = Task.CompletedTask;
    private int waiting;
    private bool isPumping;
    private long noted = -1;
    private long notedAt;

    public HighWater(EventPool pool, SettledLog log, LogReaders readers, ILogger<HighWater> logger)
    {
        (this.pool, this.log, this.logger) = (pool, log, logger);
        gauges = EventStoreMeter.Observe(() => log.Settled, () => log.StalledFor);
        readers.Watch(LogReaders.Settled, () => log.Settled);
    }

    /// <summary>-1 until it has looked once.</summary>
    public long Settled => log.Settled;

    /// <summary>Something was committed: look now.</summary>
    public void Wake()
    {
        lock (gate)
        {
            if (bell.CurrentCount == 0)
                bell.Release();
        }
    }

    /// <summary>Waits until more than <paramref name="position"/> is settled; false when the time is up before.</summary>
    public async Task<bool> Passes(long position, TimeSpan wait, CancellationToken cancel)
    {
        if (Settled > position)
            return true;
        if (wait <= TimeSpan.Zero)
        {
            await Look(cancel);
            return Settled > position;
        }

        var started = Stopwatch.GetTimestamp();
        Join();
        try
        {
            while (true)
            {
                var next = Volatile.Read(ref advanced).Task;
                if (Settled > position)
                    return true;
                var left = wait - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    return false;
                try
                {
                    await next.WaitAsync(left, cancel);
                }
                catch (TimeoutException)
                {
                    return Settled > position;
                }
            }
        }
        finally
        {
            lock (gate)
                waiting--;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await pump;
        gauges.Dispose();
        stopping.Dispose();
        polling.Dispose();
        bell.Dispose();
    }

    private void Join()
    {
        lock (gate)
        {
            waiting++;
            if (isPumping || stopping.IsCancellationRequested)
                return;
            isPumping = true;
            pump = Task.Run(Pump);
        }
    }

    private bool GoesOn()
    {
        lock (gate)
            return isPumping = waiting > 0 && !stopping.IsCancellationRequested;
    }

    private async Task Pump()
    {
        while (GoesOn())
        {
            try
            {
                if (await Look(stopping.Token))
                    await Task.Delay(1, stopping.Token); // Under load one look serves the commits of a millisecond.
                else
                    await bell.WaitAsync(log.IsAtGap ? AtGap : WhenQuiet, stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The loop's condition ends it.
            }
            catch (Exception failed) when (!pool.Clears(failed))
            {
                logger.LogWarning(failed, "The end of the log could not be read; trying again");
                await Task.Delay(AfterFailure, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> Look(CancellationToken cancel)
    {
        await polling.WaitAsync(cancel);
        try
        {
            var hasAdvanced = await log.Advance(cancel);
            if (hasAdvanced)
                Interlocked.Exchange(ref advanced, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            await Note(cancel);
            return hasAdvanced;
        }
        finally
        {
            polling.Release();
        }
    }

    // For operators and for Marten, which look at this row.
    private async Task Note(CancellationToken cancel)
    {
        var pause = noted == Settled ? BetweenHeartbeats : BetweenNotes;
        if (Settled < 0 || (noted >= 0 && Stopwatch.GetElapsedTime(notedAt) < pause))
            return;
        await log.Note(Settled, cancel);
        (noted, notedAt) = (Settled, Stopwatch.GetTimestamp());
    }
}
