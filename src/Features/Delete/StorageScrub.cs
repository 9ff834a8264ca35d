using System.Runtime.CompilerServices;

namespace EventFiles.Features.Delete;

/// <summary>An object that was read, and how it was.</summary>
public sealed record ScrubbedObject(LoggedObject Told, ObjectReading Reading);

/// <summary>
/// Reads every object for which the log stands, at a set rate, and compares it with what the log says: the size of all, the
/// digest of originals. A variant's digest stands nowhere: it is read to its end, and where the store has sums of its own
/// (S3), these are compared. Changes nothing.
/// </summary>
public sealed class StorageScrub(ILoggedObjects logged, IObjects objects, TimeProvider clock)
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(5);

    /// <summary>Reads one after the other. What was deleted or made anew meanwhile is left out.</summary>
    /// <param name="from">The position of the event from which on objects are read: where another one stopped.</param>
    /// <param name="bytesPerSecond">At most; null: as fast as it goes.</param>
    public async IAsyncEnumerable<ScrubbedObject> Run(
        long from, double? bytesPerSecond, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pace = bytesPerSecond is { } rate ? Pace(rate, cancel) : null;
        await foreach (var told in logged.Upto(long.MaxValue, cancel).Where(one => one.Position >= from))
        {
            var reading = await ObjectReading.Of(objects, told.Key, told.SizeBytes, told.Sha256, pace, cancel);
            // Asked after the look: whoever deletes a file for good says so before its bytes go.
            if (reading.Damage is null || !await logged.HasChanged(told, cancel))
                yield return new ScrubbedObject(told, reading);
        }
    }

    // What may be read by now grows with time, and not while nobody reads: a pause is not made up for by a rush.
    private Func<int, ValueTask> Pace(double bytesPerSecond, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var free = TimeSpan.Zero;
        return async bytes =>
        {
            var now = clock.GetElapsedTime(begun);
            free = (free > now ? free : now) + TimeSpan.FromSeconds(bytes / bytesPerSecond);
            if (free - now > Soonest)
                await Task.Delay(free - now, clock, cancel);
        };
    }
}
