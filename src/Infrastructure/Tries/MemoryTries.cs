namespace EventFiles.Infrastructure.Tries;

/// <summary>Counts in the memory of one node, for itself alone.</summary>
/// <param name="mostKeys">Bounds the memory that a flood of addresses can take.</param>
internal sealed class MemoryTries(TimeProvider clock, int mostKeys = 100_000) : ITries
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Group, string Key), Taken> kept = [];

    /// <summary>How many keys are kept.</summary>
    public int Keys
    {
        get
        {
            lock (gate)
                return kept.Count;
        }
    }

    public Task<TimeSpan?> Take(string group, IReadOnlyList<TryLimit> limits, CancellationToken cancel)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var wait = limits.Max(limit => Wait(group, limit, now));
            if (wait is null)
            {
                MakeRoom(limits.Count, now);
                foreach (var limit in limits)
                    Add(group, limit, now);
            }

            return Task.FromResult(wait);
        }
    }

    public Task GiveBack(string group, params IReadOnlyList<string> keys)
    {
        lock (gate)
        {
            foreach (var key in keys)
            {
                if (kept.TryGetValue((group, key), out var taken) && taken.Times.Count > 0)
                    taken.Times.RemoveAt(taken.Times.Count - 1);
            }
        }

        return Task.CompletedTask;
    }

    public Task Forget(string group, string key)
    {
        lock (gate)
            kept.Remove((group, key));
        return Task.CompletedTask;
    }

    private TimeSpan? Wait(string group, TryLimit limit, DateTimeOffset now)
    {
        if (!kept.TryGetValue((group, limit.Key), out var taken))
            return null;
        // What lies ahead was taken before the clock was set back.
        taken.Times.RemoveAll(at => at > now || at + limit.Window <= now);
        return taken.Times.Count < limit.Most ? null : taken.Times[^limit.Most] + limit.Window - now;
    }

    private void Add(string group, TryLimit limit, DateTimeOffset now)
    {
        if (!kept.TryGetValue((group, limit.Key), out var taken))
            kept.Add((group, limit.Key), taken = new Taken());
        taken.Times.Add(now);
        taken.Until = now + limit.Window;
    }

    // A flood from that many addresses is not stopped by counting them; what hashing is let through still bounds it.
    private void MakeRoom(int more, DateTimeOffset now)
    {
        if (kept.Count + more <= mostKeys)
            return;
        foreach (var (key, taken) in kept)
        {
            if (taken.Until <= now)
                kept.Remove(key);
        }

        // A quarter at once, so that not each of a flood looks at all of them.
        foreach (var (key, _) in kept.OrderBy(one => one.Value.Until).Take(kept.Count - (mostKeys * 3 / 4)).ToList())
            kept.Remove(key);
    }

    private sealed class Taken
    {
        /// <summary>Oldest first.</summary>
        public List<DateTimeOffset> Times { get; } = [];

        /// <summary>When none counts any more.</summary>
        public DateTimeOffset Until { get; set; }
    }
}
