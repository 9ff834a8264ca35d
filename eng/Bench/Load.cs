using System.Diagnostics;

namespace EventFiles.Bench;

/// <summary>Keeps so many at work for so long.</summary>
internal static class Load
{
    /// <summary>How many requests or tasks are under way at once.</summary>
    public const int AtOnce = 32;

    /// <summary>Runs until the time is up; operations under way are completed.</summary>
    /// <param name="work">One operation of one worker.</param>
    /// <returns>How many operations were completed.</returns>
    public static async Task<double> Run(int workers, TimeSpan time, Func<int, ValueTask> work, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(
            async () =>
            {
                long operations = 0;
                for (; Stopwatch.GetElapsedTime(start) < time; operations++)
                {
                    cancel.ThrowIfCancellationRequested();
                    await work(worker);
                }

                return operations;
            },
            cancel)));
        return done.Sum();
    }

    /// <summary>Each operation counts as so many.</summary>
    public static async Task<double> Times(int each, Task<double> operations) => each * await operations;

    /// <summary>
    /// Begins so many operations a second at their times, whether or not former ones are done, and waits for them all:
    /// one that is slow does not spare the server those that were to follow.
    /// </summary>
    /// <param name="work">One operation, by its number.</param>
    /// <returns>How many operations were completed.</returns>
    public static async Task<double> Paced(int perSecond, TimeSpan time, Func<int, Task> work, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        var begun = new List<Task>();
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            while (begun.Count <= elapsed.TotalSeconds * perSecond)
            {
                var number = begun.Count;
                begun.Add(Task.Run(() => work(number), cancel));
            }

            await Task.Delay(1, cancel);
        }

        await Task.WhenAll(begun);
        return begun.Count;
    }
}

/// <summary>How long operations took.</summary>
internal sealed class Times
{
    private readonly List<double> milliseconds = [];

    public void Add(TimeSpan time)
    {
        lock (milliseconds)
            milliseconds.Add(time.TotalMilliseconds);
    }

    public void Clear()
    {
        lock (milliseconds)
            milliseconds.Clear();
    }

    /// <summary>In milliseconds, the shortest first.</summary>
    public IReadOnlyList<double> Sorted()
    {
        lock (milliseconds)
            return [.. milliseconds.Order()];
    }
}
