namespace EventFiles.Infrastructure;

/// <summary>How long to wait before the next try: twice as long after each failure, with jitter, up to a longest.</summary>
/// <param name="First">The wait after the first failure.</param>
/// <param name="Longest">No wait is longer.</param>
internal sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>For what every part of the system waits for: the database, the broker.</summary>
    public static readonly Backoff ForServers = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    /// <summary>The wait after that many failures, 1 and up. The jitter keeps what failed together from retrying together.</summary>
    public TimeSpan After(int failures)
    {
        var doubled = First.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 40));
        var jittered = Math.Min(doubled, Longest.TotalMilliseconds / 1.5) * (1 + (Random.Shared.NextDouble() / 2));
        return TimeSpan.FromMilliseconds(jittered);
    }
}
