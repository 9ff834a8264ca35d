using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>The write side: loads, decides, appends; and again when another writer was faster.</summary>
internal sealed class Streams(
    EventReader reader, States states, StreamLocks locks, Appender appender, AnsweredRequests answered, HighWater highWater,
    ClaimReader claims, TimeProvider clock, ILogger<Streams> log) : IStreams
{
    /// <summary>How often a piece of work runs at most.</summary>
    internal const int MaxAttempts = 12;

    public async Task<Answer<T>> Transact<T>(Func<ITransaction, Task<Answer<T>>> work, CancellationToken cancel)
    {
        var origin = Origin.Current;
        var doubts = new Doubts();
        for (var attempt = 1; ; attempt++)
        {
            using var hold = locks.Begin();
            foreach (var stream in doubts.Contended)
                await hold.Take(stream, cancel);

            var transaction = new Transaction(states, hold, doubts, Microseconds(clock.GetUtcNow()), cancel);
            try
            {
                return await Attempt(work, transaction, origin, cancel);
            }
            catch (ClaimTakenException taken)
            {
                return taken.Why;
            }
            catch (AnsweredBeforeException)
            {
                return IdempotencyRejection.UnderWay;
            }
            catch (ArchivedException)
            {
                return StreamsRejection.Archived;
            }
            catch (ConflictException conflict)
            {
                EventStoreMeter.Conflicts.Add(1);
                if (attempt == MaxAttempts)
                    throw new TransientException($"Other writers of {conflict.Stream} were faster {attempt} times.", conflict);
                doubts.Conflicted(conflict.Stream, transaction.Streams);
                log.LogDebug("{Stream} has changed; attempt {Attempt} follows", conflict.Stream, attempt + 1);
            }

            hold.Dispose();
            await Task.Delay(Backoff(attempt), clock, cancel);
        }
    }

    public async Task<TState> Load<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        (TState)(await states.Current(stream, decider, cancel)).State;

    public async Task<TState> Recall<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        (TState)(await states.Remembered(stream, decider, cancel)).State;

    public IAsyncEnumerable<RecordedEvent> Read(string stream, long afterVersion, CancellationToken cancel) =>
        reader.Stream(stream, afterVersion, cancel);

    public IAsyncEnumerable<RecordedEvent> ReadMerged(IReadOnlyList<string> streams, CancellationToken cancel) =>
        reader.Streams(streams, cancel);

    public IAsyncEnumerable<RecordedEvent> ReadAll(IReadOnlyCollection<Type> facts, CancellationToken cancel) =>
        reader.All(facts, cancel);

    public Task<IReadOnlyDictionary<string, string>> Holders(
        string scope, IReadOnlyCollection<string> keys, CancellationToken cancel) =>
        claims.Holders(scope, keys, cancel);

    private async Task<Answer<T>> Attempt<T>(
        Func<ITransaction, Task<Answer<T>>> work, Transaction transaction, Origin origin, CancellationToken cancel)
    {
        var answer = await work(transaction);
        var asked = RepeatableRequest.Current is { } current && current.Reply == typeof(T) ? current : null;
        if (answer is not Answer<T>.Yes yes || transaction.Events.Count == 0)
        {
            // Memory may be outdated, and with it a no or an "already so".
            if (transaction.Streams.Count > 0)
                await appender.Verify(transaction.Streams, cancel);
            if (answer is not Answer<T>.Yes already)
                return answer;
            if (asked is not null)
                await answered.Remember(answered.Seal(asked, already.Value), transaction.Now, cancel);
            return already with { Position = 0 };
        }

        var position = await appender.Append(transaction, origin, asked is null ? null : answered.Seal(asked, yes.Value));
        foreach (var seen in transaction.Streams)
            states.Remember(seen);
        highWater.Wake();
        EventStoreMeter.Appended.Add(transaction.Events.Count);
        return yes with { Position = position };
    }

    // What PostgreSQL keeps of a time: a decider must not see more than a replay will.
    private static DateTimeOffset Microseconds(DateTimeOffset now) => now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));

    /// <summary>How long to wait after that many attempts. Full jitter: writers that met once should not meet again.</summary>
    internal static TimeSpan Backoff(int attempt) =>
        TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(250, 2 << attempt));
}
