using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>Work that was given up. An operator mends the cause and tries again, or discards it.</summary>
public interface IDeadLetters
{
    /// <summary>The oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<DeadLetter>> List(int limit, CancellationToken cancel);

    /// <summary>Hands the work out anew, with all its tries; false when there is no such letter.</summary>
    Task<bool> Retry(Guid id, CancellationToken cancel);

    /// <summary>Forgets it; false when there is no such letter.</summary>
    Task<bool> Discard(Guid id, CancellationToken cancel);
}

/// <summary>Work that was given up.</summary>
/// <param name="Kind">Its queue.</param>
/// <param name="Work">Its type.</param>
/// <param name="Body">The work itself, as JSON.</param>
/// <param name="Error">How the last try failed.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="At">When it was given up.</param>
/// <param name="CorrelationId">The trace that led to it.</param>
/// <param name="CausationId">The event that led to it.</param>
public sealed record DeadLetter(
    Guid Id, string Kind, string Work, string Body, string Error, int Tries, DateTimeOffset At,
    string? CorrelationId, string? CausationId);

/// <summary>
/// Dead letters in memory: they end with the process. The same work given up again replaces its letter, so that a
/// deadline which keeps failing makes one letter and not thousands.
/// </summary>
internal sealed partial class DeadLetterBox(MessagingSettings settings, TimeProvider clock, ILogger<DeadLetterBox> log)
{
    private readonly Lock gate = new();
    private readonly List<(Message Message, DeadLetter Letter)> letters = [];

    public int Count
    {
        get
        {
            lock (gate)
                return letters.Count;
        }
    }

    public void Add(Message message, Exception why, int tries)
    {
        var letter = new DeadLetter(
            Guid.CreateVersion7(clock.GetUtcNow()), message.Kind, message.Type, message.Body, why.ToString(), tries,
            clock.GetUtcNow(), message.CorrelationId, message.CausationId);
        GivenUp(log, why, message.Type, tries, letter.Id);
        lock (gate)
        {
            letters.RemoveAll(other => (other.Message.Type, other.Message.Body).Equals((message.Type, message.Body)));
            if (letters.Count >= settings.DeadLettersKept)
            {
                Dropped(log, letters[0].Letter.Id, letters[0].Letter.Work, letters[0].Letter.CausationId);
                letters.RemoveAt(0);
            }

            letters.Add((message, letter));
        }
    }

    public IReadOnlyList<DeadLetter> List(int limit)
    {
        lock (gate)
            return [.. letters.Take(limit).Select(entry => entry.Letter)];
    }

    /// <summary>Takes a letter out; null when there is no such letter.</summary>
    public Message? Take(Guid id)
    {
        lock (gate)
        {
            var at = letters.FindIndex(entry => entry.Letter.Id == id);
            if (at < 0)
                return null;
            var message = letters[at].Message;
            letters.RemoveAt(at);
            return message;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} was given up after {Tries} tries: dead letter {Letter}")]
    private static partial void GivenUp(ILogger log, Exception why, string work, int tries, Guid letter);

    [LoggerMessage(Level = LogLevel.Error, Message = "There are too many dead letters: {Letter} is dropped ({Work}, caused by {Causation})")]
    private static partial void Dropped(ILogger log, Guid letter, string work, string? causation);
}

internal sealed class InProcessDeadLetters(DeadLetterBox box, InProcessQueue queue) : IDeadLetters
{
    public Task<IReadOnlyList<DeadLetter>> List(int limit, CancellationToken cancel) => Task.FromResult(box.List(limit));

    public Task<bool> Retry(Guid id, CancellationToken cancel)
    {
        if (box.Take(id) is not { } message)
            return Task.FromResult(false);
        _ = queue.Send(message, notBefore: null);
        return Task.FromResult(true);
    }

    public Task<bool> Discard(Guid id, CancellationToken cancel) => Task.FromResult(box.Take(id) is not null);
}
