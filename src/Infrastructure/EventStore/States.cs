using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Streams folded to states, by way of memory.</summary>
internal sealed class States(EventReader reader, Snapshots snapshots, StateCache memory)
{
    private readonly ConcurrentDictionary<StateKey, Task<StreamState>> flights = new();

    /// <summary>From memory if it is there, however old; else read.</summary>
    public async ValueTask<StreamState> Remembered<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        memory.Find(KeyOf<TState>(stream)) ?? (await ReadOnce(stream, decider, cancel)).State;

    /// <summary>From memory if it is there; else before its first event.</summary>
    public StreamState RememberedOrNew<TCommand, TState, TEvent>(StreamId stream, Decider<TCommand, TState, TEvent> decider)
        where TState : class where TEvent : class =>
        memory.Find(KeyOf<TState>(stream)) ?? new StreamState(0, decider.Initial);

    /// <summary>As the log has it now: what is in memory, and the events after it.</summary>
    public async Task<StreamState> Current<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class
    {
        var known = memory.Find(KeyOf<TState>(stream));
        if (known is null)
        {
            (known, var isMine) = await ReadOnce(stream, decider, cancel);
            // Somebody else's read may have begun before what this caller has already seen was committed.
            if (isMine)
                return known;
        }

        return await CatchUp(known, stream, decider, cancel);
    }

    /// <summary>As the log has it, whatever memory says.</summary>
    public Task<StreamState> Reread<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class
    {
        memory.Forget(KeyOf<TState>(stream));
        return Read(stream, decider, cancel);
    }

    /// <summary>What a transaction has made of the stream.</summary>
    public void Remember(Touched seen) =>
        memory.Put(seen.Key, snapshots.Keep(seen.Stream, seen.Shape, seen.Now));

    public static StateKey KeyOf<TState>(StreamId stream) => new(stream.Name, typeof(TState));

    // However many ask for the same long stream at once, it is read once.
    private async Task<(StreamState State, bool IsMine)> ReadOnce<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class
    {
        var key = KeyOf<TState>(stream);
        var mine = new TaskCompletionSource<StreamState>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = flights.GetOrAdd(key, mine.Task);
        if (flight != mine.Task)
            return (await flight.WaitAsync(cancel), false);

        _ = Fly();
        return (await flight.WaitAsync(cancel), true);

        // Not cancelled with the one who happened to be first: others wait for it too.
        async Task Fly()
        {
            try
            {
                mine.SetResult(await Read(stream, decider, CancellationToken.None));
            }
            catch (Exception failed)
            {
                mine.SetException(failed);
            }
            finally
            {
                flights.TryRemove(KeyValuePair.Create(key, mine.Task));
            }
        }
    }

    private async Task<StreamState> Read<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class
    {
        var kept = decider.Snapshots is { } shape ? await snapshots.Find<TState>(stream, shape, cancel) : null;
        return await CatchUp(kept ?? new StreamState(0, decider.Initial), stream, decider, cancel);
    }

    private async Task<StreamState> CatchUp<TCommand, TState, TEvent>(
        StreamState known, StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class
    {
        var (version, state, last) = (known.Version, (TState)known.State, known.LastEvent);
        await foreach (var happened in reader.Stream(stream.Name, version, cancel))
            (version, state, last) = (happened.Version, decider.Evolve(state, (TEvent)happened.Fact), happened.Id);

        var now = version == known.Version
            ? known
            : snapshots.Keep(stream, decider.Snapshots, known with { Version = version, State = state, LastEvent = last });
        memory.Put(KeyOf<TState>(stream), now);
        return now;
    }
}
