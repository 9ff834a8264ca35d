namespace EventFiles.Features.Accounts;

/// <summary>
/// Slows down guessing. Failures count for an account together with the address they come from, so that nobody can lock
/// another out from elsewhere; and, far more generously, for an address alone. Each node counts for itself, in memory,
/// within a sliding window. Safe for concurrent use.
/// </summary>
internal sealed class SignInThrottle(TimeProvider clock)
{
    public const int PerAccountAndAddress = 10;
    public const int PerAddress = 300;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // Bounds the memory that a flood of addresses can take.
    private const int MaxKeys = 50_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, List<DateTimeOffset>> failures = new(StringComparer.Ordinal);

    /// <summary>
    /// Counts an attempt as failed from its beginning, so that many at once cannot slip through; see
    /// <see cref="Succeeded"/> and <see cref="Withdraw"/>.
    /// </summary>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public Rejection? Begin(string account, string address)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (failures.Count >= MaxKeys)
                Sweep(now);
            var (pair, alone) = (Recent(Pair(account, address), now), Recent(address, now));
            if (pair.Count >= PerAccountAndAddress)
                return Wait(pair[0], now);
            if (alone.Count >= PerAddress)
                return Wait(alone[0], now);
            pair.Add(now);
            alone.Add(now);
            return null;
        }
    }

    /// <summary>The password was right: earlier mistakes are forgiven, for this account from this address.</summary>
    public void Succeeded(string account, string address)
    {
        lock (gate)
        {
            failures.Remove(Pair(account, address));
            TakeBack(address);
        }
    }

    /// <summary>The attempt was never decided.</summary>
    public void Withdraw(string account, string address)
    {
        lock (gate)
        {
            TakeBack(Pair(account, address));
            TakeBack(address);
        }
    }

    // No e-mail address and no network address holds a line break.
    private static string Pair(string account, string address) => $"{address}\n{account}";

    private static Rejection Wait(DateTimeOffset oldest, DateTimeOffset now) =>
        AccountsRejection.TooManyAttempts with { RetryAfter = oldest + Window - now };

    private List<DateTimeOffset> Recent(string key, DateTimeOffset now)
    {
        if (!failures.TryGetValue(key, out var times))
            failures[key] = times = [];
        times.RemoveAll(at => at + Window <= now);
        return times;
    }

    private void TakeBack(string key)
    {
        if (failures.TryGetValue(key, out var times) && times.Count > 0)
            times.RemoveAt(times.Count - 1);
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var (key, times) in failures)
        {
            if (times.Count == 0 || times[^1] + Window <= now)
                failures.Remove(key);
        }

        // A flood from that many addresses is not stopped by counting them; what hashing is let through still bounds it.
        if (failures.Count >= MaxKeys)
            failures.Clear();
    }
}
