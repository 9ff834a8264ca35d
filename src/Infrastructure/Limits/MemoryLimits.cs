using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.Limits;

/// <summary>Counts in the memory of one node.</summary>
/// <param name="mostKept">Bounds the memory that a flood of addresses can take.</param>
internal sealed class MemoryLimits(TimeProvider clock, int mostKept = 100_000) : IRequestLimits
{
    private readonly ConcurrentDictionary<string, Counted> kept = new(StringComparer.Ordinal);

    /// <summary>How many are kept.</summary>
    public int Kept => kept.Count;

    public ValueTask<LimitLeft> Take(string who, RequestLimit limit, CancellationToken cancel)
    {
        var windows = clock.GetUtcNow().UtcTicks / (double)limit.Window.Ticks;
        var (index, part) = ((long)windows, windows - Math.Floor(windows));
        if (!kept.TryGetValue(who, out var counted))
        {
            MakeRoom();
            counted = kept.GetOrAdd(who, _ => new Counted());
        }

        return ValueTask.FromResult(counted.Take(index, part, limit));
    }

    // Those go that nobody asked for within the last two windows of theirs; a flood beyond that forgets all.
    private void MakeRoom()
    {
        if (kept.Count < mostKept)
            return;
        foreach (var (who, counted) in kept)
        {
            if (counted.IsOver(clock.GetUtcNow()))
                kept.TryRemove(who, out _);
        }

        if (kept.Count >= mostKept)
            kept.Clear();
    }

    private sealed class Counted
    {
        private readonly Lock gate = new();
        private long index;
        private long current;
        private long former;
        private DateTimeOffset until;

        public bool IsOver(DateTimeOffset now)
        {
            lock (gate)
                return until <= now;
        }

        public LimitLeft Take(long now, double part, RequestLimit limit)
        {
            lock (gate)
            {
                // A clock that is set back goes on in the window that it was in.
                if (now > index)
                    (index, former, current) = (now, now == index + 1 ? current : 0, 0);
                var isTaken = new SlidingWindow(current, former, part).Admits(limit.Most);
                if (isTaken)
                    current++;
                until = new DateTimeOffset((index + 2) * limit.Window.Ticks, TimeSpan.Zero);
                return new SlidingWindow(current, former, part).Tell(limit, isTaken);
            }
        }
    }
}
