using MediatR;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// A piece of work that follows from a fact. It travels as JSON over a queue, may arrive late, twice or out of order, and
/// its handler makes the world agree each time. Throwing <see cref="TransientException"/> asks for another try.
/// </summary>
public interface IWork : IRequest<Answer<Done>>
{
    /// <summary>On whose account it is done: among owners the workers are shared fairly.</summary>
    AccountId Owner { get; }
}

/// <summary>Hands work to whoever is free. Delivered at least once.</summary>
public interface IWorkQueue
{
    /// <summary>Completes when the work cannot be lost any more: the broker confirmed it, or it was done.</summary>
    Task Enqueue(WorkItem item, CancellationToken cancel);
}

/// <summary>Work on its way.</summary>
/// <param name="Kind">The queue's name: <c>process</c>, <c>delete</c>.</param>
/// <param name="CausationId">The id of the event it follows from.</param>
/// <param name="NotBefore">Held back until then; null for at once.</param>
/// <param name="Position">Of that event: work begins where views show it. 0 when it follows from none.</param>
public sealed record WorkItem(
    string Kind, IWork Work, string? CorrelationId, string? CausationId, DateTimeOffset? NotBefore = null, long Position = 0);

/// <summary>
/// It failed for a reason that may pass: work is tried again, and a client is told when to come again. Not for what the
/// input is to blame for.
/// </summary>
public sealed class TransientException(string reason, Exception? inner = null) : Exception(reason, inner);
