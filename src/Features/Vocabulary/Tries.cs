namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Counts the tries of whoever might be guessing, for all nodes together. A try counts from when it is taken, and for as
/// long as its limit's window; who is refused has taken none. What is counted is kept for no longer than that, may be lost
/// at any time, and shows to nobody who was counted. Safe for concurrent use.
/// </summary>
public interface ITries
{
    /// <summary>
    /// Takes a try of each limit, or none of any. It is taken before it is known whether the guess is right: then guesses
    /// that are sent at once count as well.
    /// </summary>
    /// <param name="group">Who is counted, and for what. Limits that are taken together are limits of one group.</param>
    /// <returns>How long until there is one of each again; null when they were taken.</returns>
    Task<TimeSpan?> Take(string group, IReadOnlyList<TryLimit> limits, CancellationToken cancel);

    /// <summary>
    /// One try of each key does not count after all. It cannot be cancelled: what follows a right guess is done although
    /// nobody waits for it.
    /// </summary>
    Task GiveBack(string group, params IReadOnlyList<string> keys);

    /// <summary>No try of this key counts any more. It cannot be cancelled either.</summary>
    Task Forget(string group, string key);
}

/// <summary>So many tries within any stretch of time as long as the window.</summary>
/// <param name="Key">What is tried, or how, within a group. It has the same window each time.</param>
/// <param name="Most">At least 1.</param>
public sealed record TryLimit(string Key, int Most, TimeSpan Window);
