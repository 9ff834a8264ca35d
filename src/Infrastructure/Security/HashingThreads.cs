using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// A few threads that hash passwords, apart from those that serve requests. Each hash takes a core and 19 MiB for tens of
/// milliseconds, so no more run at once than there are threads, and no more wait than will be done in time.
/// </summary>
internal sealed class HashingThreads : IDisposable
{
    private readonly BlockingCollection<Action> jobs = [];
    private readonly Thread[] threads;
    private readonly TimeSpan patience;
    private readonly TimeProvider clock;
    private int taken;
    private long typicalTicks = TimeSpan.FromMilliseconds(40).Ticks;

    /// <summary>Starts the threads.</summary>
    /// <param name="patience">How long the last in the queue may expect to wait.</param>
    public HashingThreads(int count, TimeSpan patience, TimeProvider clock)
    {
        this.patience = patience;
        this.clock = clock;
        threads = [.. Enumerable.Range(0, count).Select(number => new Thread(Run)
        {
            IsBackground = true,
            Name = $"password-hash-{number}",
        })];
        foreach (var thread in threads)
            thread.Start();
    }

    /// <summary>A place in the queue; null, at once, when it would take too long to come to the front.</summary>
    public Place? TakePlace()
    {
        var ahead = Interlocked.Increment(ref taken) - 1;
        var rounds = ahead / threads.Length;
        // Whoever finds a thread idle is always taken, however slow hashing was lately.
        if (rounds == 0 || rounds * Interlocked.Read(ref typicalTicks) < patience.Ticks)
            return new Place(this);
        Interlocked.Decrement(ref taken);
        return null;
    }

    public void Dispose()
    {
        jobs.CompleteAdding();
        foreach (var thread in threads)
            thread.Join();
        jobs.Dispose();
    }

    private void Run()
    {
        foreach (var job in jobs.GetConsumingEnumerable())
            job();
    }

    // A moving average over about eight hashes: follows the machine's load, forgives a single pause.
    private void Took(TimeSpan time)
    {
        var typical = Interlocked.Read(ref typicalTicks);
        Interlocked.Exchange(ref typicalTicks, typical + ((time.Ticks - typical) / 8));
    }

    /// <summary>Leave to hash; given back on disposal.</summary>
    internal sealed class Place(HashingThreads queue) : IDisposable
    {
        private int left;

        /// <summary>Does the work on one of the threads, when its turn comes.</summary>
        public Task<T> Run<T>(Func<T> work, CancellationToken cancel)
        {
            var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.jobs.Add(
                () =>
                {
                    if (cancel.IsCancellationRequested)
                    {
                        done.SetCanceled(cancel);
                        return;
                    }

                    var start = queue.clock.GetTimestamp();
                    try
                    {
                        done.SetResult(work());
                    }
                    catch (Exception failed)
                    {
                        done.SetException(failed);
                    }

                    queue.Took(queue.clock.GetElapsedTime(start));
                },
                CancellationToken.None);
            return done.Task;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                Interlocked.Decrement(ref queue.taken);
        }
    }
}
