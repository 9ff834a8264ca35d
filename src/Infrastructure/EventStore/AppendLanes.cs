namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Lets so many appends run at once. While a lane is free, each goes at once and alone; when all are busy, those that come
/// wait and then go together, in one call and one commit.
/// </summary>
/// <param name="write">Writes these together and tells each how it went; must not throw.</param>
internal sealed class AppendLanes(int lanes, int mostTogether, Func<List<AppendRows>, Task> write)
{
    // Many times what a commit takes: who needs longer waits for somebody's lock.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private readonly LinkedList<AppendRows> waiting = new();
    private int busy;

    /// <summary>The position of the last event, once it is committed.</summary>
    public Task<long> Add(AppendRows rows)
    {
        lock (gate)
        {
            waiting.AddLast(rows);
            if (busy == lanes)
                return rows.Position;
            busy++;
        }

        _ = Run();
        return rows.Position;
    }

    private async Task Run()
    {
        // One that waits for a lock does so by itself: the lane goes on without it.
        while (Next() is { Count: > 0 } together)
        {
            await write(together).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Those who have just been told go on first: what they append next goes along instead of alone.
            await Task.Yield();
        }
    }

    private List<AppendRows> Next()
    {
        lock (gate)
        {
            var company = new AppendCompany();
            var chosen = new List<AppendRows>();
            for (var at = waiting.First; at is not null && chosen.Count < mostTogether;)
            {
                var (rows, next) = (at.Value, at.Next);
                if (company.Admits(rows))
                {
                    chosen.Add(rows);
                    waiting.Remove(at);
                }

                at = next;
            }

            if (chosen.Count == 0)
                busy--;
            return chosen;
        }
    }
}

/// <summary>Transactions that may share a commit: none of them could make another one fail.</summary>
internal sealed class AppendCompany
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> read = new(StringComparer.Ordinal);
    private readonly HashSet<string> holders = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string)> names = [];
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private bool isClosed;

    /// <summary>Takes the transaction in, or leaves it for another time.</summary>
    public bool Admits(AppendRows rows)
    {
        if (isClosed || !rows.Streams.All(Fits) || !rows.Claims.All(one => Fits(one.Claim))
            || (rows.Key is { } same && keys.Contains(same.Asked.Name)))
            return false;

        // A scope can be closed only by one who is alone: whether it is empty is asked when all claims are made.
        var goesAlone = rows.IsAlone || rows.Claims.Any(one => one.Claim is { Scope: not null, Key: null });
        if (goesAlone && written.Count > 0)
            return false;
        isClosed = goesAlone;
        foreach (var seen in rows.Streams)
        {
            if (seen.Version > seen.Loaded)
                written.Add(seen.Stream.Name);
            else
                read[seen.Stream.Name] = seen.Loaded;
        }

        foreach (var (claim, _) in rows.Claims)
        {
            holders.Add(claim.Holder);
            if (claim is { Scope: { } scope, Key: { } key })
                names.Add((scope, key));
        }

        if (rows.Key is { } asked)
            keys.Add(asked.Asked.Name);

        return true;
    }

    private bool Fits(Touched seen) =>
        !written.Contains(seen.Stream.Name)
        && (!read.TryGetValue(seen.Stream.Name, out var version) || (seen.Version == seen.Loaded && seen.Loaded == version));

    private bool Fits(Claim claim) =>
        !holders.Contains(claim.Holder) && (claim is not { Scope: { } scope, Key: { } key } || !names.Contains((scope, key)));
}
