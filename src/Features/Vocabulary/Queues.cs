namespace EventFiles.Features.Vocabulary;

/// <summary>Work that was given up, as its operators see it. They mend the cause and try again, or discard it.</summary>
public interface IDeadLetters
{
    /// <summary>The oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<DeadLetter>> List(int limit, CancellationToken cancel);

    /// <summary>One of them; null when there is no such letter.</summary>
    Task<DeadLetter?> Find(Guid id, CancellationToken cancel);

    /// <summary>
    /// Asks that the work is handed out anew, with all its tries: the letter goes when it has been. False when there is
    /// no such letter.
    /// </summary>
    Task<bool> Retry(Guid id, CancellationToken cancel);

    /// <summary>Forgets it; false when there is no such letter.</summary>
    Task<bool> Discard(Guid id, CancellationToken cancel);
}

/// <summary>Work that was given up.</summary>
/// <param name="Kind">Its queue.</param>
/// <param name="Work">Its type.</param>
/// <param name="Body">The work itself, as JSON: ids, never personal data.</param>
/// <param name="Error">How the last try failed and where, without a word of what the work was about.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="At">When it was given up.</param>
/// <param name="Retrying">An operator has asked for another try, which has not ended.</param>
/// <param name="CorrelationId">The trace that led to it.</param>
/// <param name="CausationId">The event that led to it.</param>
public sealed record DeadLetter(
    Guid Id, string Kind, string Work, string Body, string Error, int Tries, DateTimeOffset At, bool Retrying,
    string? CorrelationId, string? CausationId);

/// <summary>The queues of work, as their operators see them.</summary>
public interface IQueues
{
    /// <summary>Every kind of work that a running node has told of within the last twenty seconds, by kind.</summary>
    Task<IReadOnlyList<QueueStatus>> List(CancellationToken cancel);
}

/// <summary>How one kind of work stands, over all nodes.</summary>
/// <param name="Depth">How many pieces have not begun: at the broker and on the nodes.</param>
/// <param name="Running">How many run now.</param>
/// <param name="Consumers">How many nodes take such work.</param>
/// <param name="Oldest">Since when the oldest piece that a node holds has waited; null when none holds any.</param>
/// <param name="DeadLetters">How many pieces were given up and wait for an operator.</param>
public sealed record QueueStatus(
    string Kind, long Depth, int Running, long Consumers, DateTimeOffset? Oldest, int DeadLetters);
