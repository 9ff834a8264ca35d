namespace EventFiles.Features.Share;

/// <summary>
/// Slows down who guesses a link's password: so many tries per link and address, then a pause. Kept in the memory of one
/// node: with more nodes a guesser has that many times the tries.
/// </summary>
internal sealed class LinkTries(TimeProvider clock)
{
    /// <summary>Wrong passwords, and passwords being checked, at one time.</summary>
    public const int MaxTries = 10;

    // Bounds the memory, whatever the number of addresses somebody guesses from.
    private const int MaxKept = 100_000;

    /// <summary>How long tries count, from the first.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<(LinkId, string), Tries> kept = [];
    private readonly Queue<((LinkId, string) Key, DateTimeOffset Until)> oldestFirst = new();

    /// <summary>
    /// Takes a try before the password is looked at, so that guesses sent at once count as well.
    /// </summary>
    /// <returns>How long to wait when there is none left; null when there was one.</returns>
    public TimeSpan? Take(LinkId link, string address)
    {
        var now = clock.GetUtcNow();
        lock (gate)
        {
            Forget(now);
            if (!kept.TryGetValue((link, address), out var tries))
            {
                tries = new Tries { Until = now + Window };
                kept.Add((link, address), tries);
                oldestFirst.Enqueue(((link, address), tries.Until));
            }

            if (tries.Taken == MaxTries)
                return tries.Until - now;
            tries.Taken++;
            return null;
        }
    }

    /// <summary>The password was right, or could not be looked at: the try does not count.</summary>
    public void GiveBack(LinkId link, string address)
    {
        lock (gate)
        {
            if (kept.TryGetValue((link, address), out var tries) && tries.Taken > 0)
                tries.Taken--;
        }
    }

    // All windows are equally long: the first to begin is the first to end.
    private void Forget(DateTimeOffset now)
    {
        while (oldestFirst.TryPeek(out var oldest) && (oldest.Until <= now || kept.Count >= MaxKept))
        {
            oldestFirst.Dequeue();
            kept.Remove(oldest.Key);
        }
    }

    private sealed class Tries
    {
        public required DateTimeOffset Until { get; init; }

        public int Taken { get; set; }
    }
}
