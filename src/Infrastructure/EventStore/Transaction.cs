namespace EventFiles.Infrastructure.EventStore;

/// <summary>One attempt of a piece of work: what it has seen, and what it wants appended.</summary>
internal sealed class Transaction(
    States states, StreamLocks.Hold locks, Doubts doubts, DateTimeOffset now, CancellationToken cancel) : ITransaction
{
    private readonly Dictionary<StateKey, Touched> touched = [];
    private readonly List<Pending> pending = [];
    private readonly HashSet<string> expectedNew = new(StringComparer.Ordinal);

    public DateTimeOffset Now => now;

    public CancellationToken Cancel => cancel;

    /// <summary>Every stream that was loaded or decided on.</summary>
    public IReadOnlyCollection<Touched> Streams => touched.Values;

    /// <summary>The events to append, in the order of decision.</summary>
    public IReadOnlyList<Pending> Events => pending;

    public void ExpectNew(StreamId stream) => expectedNew.Add(stream.Name);

    public async Task<Rejection?> Decide<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, TCommand command)
        where TState : class where TEvent : class
    {
        // Before the state is read: whoever held the lock has left the newest state in memory.
        await locks.Take(stream.Name, cancel);
        var seen = await Touch(stream, decider);
        switch (decider.Decide((TState)seen.State, command, now))
        {
            case Decision<TEvent>.Rejected no:
                return no.Why;
            case Decision<TEvent>.Accepted yes:
                if (yes.Events.Length > 0 && Others(stream, seen.Key).Any(other => other.Version > other.Loaded))
                    throw new InvalidOperationException($"Two deciders add to {stream} in one transaction.");
                foreach (var happened in yes.Events)
                {
                    seen.State = decider.Evolve((TState)seen.State, happened);
                    seen.LastEvent = Guid.CreateVersion7(now);
                    pending.Add(new Pending(seen, stream, ++seen.Version, seen.LastEvent, happened));
                }

                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public async Task<TState> Load<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider)
        where TState : class where TEvent : class =>
        (TState)(await Touch(stream, decider)).State;

    private async ValueTask<Touched> Touch<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider)
        where TState : class where TEvent : class
    {
        var key = States.KeyOf<TState>(stream);
        if (touched.TryGetValue(key, out var seen))
            return seen;

        var found = doubts.About(stream.Name) switch
        {
            Doubt.None when expectedNew.Contains(stream.Name) => states.RememberedOrNew(stream, decider),
            Doubt.None => await states.Remembered(stream, decider, cancel),
            Doubt.Outdated => await states.Current(stream, decider, cancel),
            _ => await states.Reread(stream, decider, cancel),
        };
        // Memory may be older for one decider than for another: what they agree to must follow from the same events.
        if (Others(stream, key).Any(other => other.Loaded != found.Version))
            throw new ConflictException(stream.Name);
        seen = new Touched(stream, key, found, decider.Snapshots);
        touched.Add(key, seen);
        return seen;
    }

    private IEnumerable<Touched> Others(StreamId stream, StateKey key) =>
        touched.Values.Where(other => other.Stream.Name == stream.Name && other.Key != key);
}

/// <summary>A stream as a transaction sees it.</summary>
internal sealed class Touched(StreamId stream, StateKey key, StreamState found, SnapshotShape? shape)
{
    public StreamId Stream => stream;

    public StateKey Key => key;

    public SnapshotShape? Shape => shape;

    /// <summary>Where the stream stood when it was loaded: the append fails if it stands elsewhere.</summary>
    public long Loaded => found.Version;

    /// <summary>Where it stands after what was decided.</summary>
    public long Version { get; set; } = found.Version;

    public object State { get; set; } = found.State;

    /// <summary>The id of the event that took it there.</summary>
    public Guid LastEvent { get; set; } = found.LastEvent;

    public StreamState Now => found with { Version = Version, State = State, LastEvent = LastEvent };
}

/// <summary>An event on its way into the log.</summary>
/// <param name="Of">As whoever decided named the stream: of one that is handed over, the tenant is another from here on.</param>
internal sealed record Pending(Touched Stream, StreamId Of, long Version, Guid Id, object Fact);

/// <summary>How far memory can be trusted about a stream.</summary>
internal enum Doubt { None, Outdated, Wrong }

/// <summary>What the failed attempts of one transaction taught about the streams they touched.</summary>
internal sealed class Doubts
{
    private readonly HashSet<string> outdated = new(StringComparer.Ordinal);
    private readonly SortedSet<string> contended = new(StringComparer.Ordinal);
    private int conflicts;

    /// <summary>
    /// Where another writer was faster, and all that the attempt wrote to: the next one locks them before it begins, when
    /// nothing is loaded yet that could grow old while it waits.
    /// </summary>
    public IReadOnlyCollection<string> Contended => contended;

    public void Conflicted(string stream, IReadOnlyCollection<Touched> touched)
    {
        conflicts++;
        contended.Add(stream);
        contended.UnionWith(touched.Where(seen => seen.Version > seen.Loaded).Select(seen => seen.Stream.Name));
        outdated.UnionWith(touched.Select(seen => seen.Stream.Name));
    }

    // Newer events explain a conflict or two; after that, what memory holds may not be a past of the log at all.
    public Doubt About(string stream) =>
        !outdated.Contains(stream) ? Doubt.None : conflicts < 4 ? Doubt.Outdated : Doubt.Wrong;
}
