namespace EventFiles.Infrastructure.Messaging;

/// <summary>How work is handed out and tried again.</summary>
public sealed record MessagingSettings
{
    /// <summary>How much work of one kind runs at once, unless <see cref="ConcurrencyOf"/> says otherwise.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>By kind.</summary>
    public IReadOnlyDictionary<string, int> ConcurrencyOf { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How often work is tried that fails with <see cref="TransientException"/>.</summary>
    public int TransientTries { get; init; } = 8;

    /// <summary>How often work is tried that fails with any other exception.</summary>
    public int UnexpectedTries { get; init; } = 4;

    /// <summary>The wait after the first failure; it doubles from there.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>No wait between tries is longer.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for running work before cancelling it.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often is looked for dead letters that an operator wants tried again, and how many there are.</summary>
    public TimeSpan DeadLettersEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a node tells how its queues stand.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many pieces a worker takes from a broker for each that it runs at once. It shares fairly among owners what it
    /// has taken; the broker takes back what is not done within its own time limit, usually half an hour.
    /// </summary>
    public int TakenPerRunning { get; init; } = 4;

    /// <summary>How long a broker may take to confirm before the connection counts as broken.</summary>
    public TimeSpan ConfirmWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many events the relay may have handed over that are not done. It hands them over in the log's order: whoever
    /// has more than so many pieces of work waiting holds up everybody after all. Each takes a few kilobytes of memory.
    /// </summary>
    public int Outstanding { get; init; } = 20_000;

    /// <summary>How often the relay's checkpoint is saved.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After how many finished events the relay's checkpoint is saved before its time.</summary>
    public int CheckpointAfter { get; init; } = 500;

    /// <summary>How often deadlines are looked at.</summary>
    public TimeSpan DeadlinesEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much due work may be under way at once.</summary>
    public int DueAtOnce { get; init; } = 1000;

    internal int ConcurrencyFor(string kind) => ConcurrencyOf.GetValueOrDefault(kind, Concurrency);
}
