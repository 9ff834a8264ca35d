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
}
