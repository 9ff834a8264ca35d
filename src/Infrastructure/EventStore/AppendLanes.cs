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
    public async Task<long> Add(AppendRows rows)
    {
        // Alone on the road, whoever asks drives: handing over to another thread and back takes longer than the rows do.
        if (!Waits(rows))
        {
            await Patiently([rows]);
            _ = Run();
        }

        return await rows.Position;
    }

    /// <summary>For one whose asker waits already.</summary>
    public void AddAgain(AppendRows rows)
    {
        if (!Waits(rows))
            _ = Run([rows]);
    }

    // False when a lane was free: the caller has it now, and must see to it that it goes on.
    private bool Waits(AppendRows rows)
    {
        lock (gate)
        {
            if (busy < lanes)
            {
                busy++;
                return false;
            }

            waiting.AddLast(rows);
            return true;
        }
    }

    private async Task Run(List<AppendRows>? first = null)
    {
        for (var together = first ?? Next(); together.Count > 0; together = Next())
            await Patiently(together);
    }

    // One that waits for a lock does so by itself: the lane goes on without it.
    private async Task Patiently(List<AppendRows> together) =>
        await write(together).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private List<AppendRows> Next()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                busy--;
                return [];
            }

            // Whoever has waited longest goes in any case: with nobody there yet, everybody is admitted.
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
