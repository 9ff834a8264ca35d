using System.Collections.Immutable;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// The write side of a stream, whole: where it starts, how facts change it, what it agrees to.
/// Pure: the time is an argument, ids and random values arrive in the command.
/// </summary>
public sealed record Decider<TCommand, TState, TEvent>(
    TState Initial,
    Func<TState, TEvent, TState> Evolve,
    Func<TState, TCommand, DateTimeOffset, Decision<TEvent>> Decide)
    where TState : class
    where TEvent : class
{
    /// <summary>For streams that grow with every use: their states are kept now and then. Null where streams stay short.</summary>
    public SnapshotShape? Snapshots { get; init; }

    /// <summary>The state after <paramref name="history"/>, from the beginning.</summary>
    public TState Fold(IEnumerable<TEvent> history) => history.Aggregate(Initial, Evolve);

    /// <summary>A stream's life, which is over in the states given.</summary>
    public Lifetime Until(Func<TState, bool> isOver) =>
        new(Initial, (state, happened) => Evolve((TState)state, (TEvent)happened), state => isOver((TState)state));
}

/// <summary>A stream, fact by fact, up to the state in which nothing follows any more.</summary>
public sealed record Lifetime(object Initial, Func<object, object, object> Evolve, Func<object, bool> IsOver);

/// <summary>What a state looks like when it is kept.</summary>
/// <param name="Name">Stable: kept states bear it.</param>
/// <param name="Version">Raised when the state's shape or the fold changes: what was kept before is then ignored.</param>
public sealed record SnapshotShape(string Name, int Version);

/// <summary>Yes, with what happened; or no, with why. Yes with nothing means it was already so.</summary>
public abstract record Decision<TEvent>
{
    private Decision() { }

    public sealed record Accepted(ImmutableArray<TEvent> Events) : Decision<TEvent>;

    public sealed record Rejected(Rejection Why) : Decision<TEvent>;

    /// <summary>The wish is true already: nothing happens, and the caller is told yes.</summary>
    public static readonly Decision<TEvent> AlreadySo = new Accepted([]);

    public static implicit operator Decision<TEvent>(TEvent happened) => new Accepted([happened]);

    public static implicit operator Decision<TEvent>(TEvent[] happened) => new Accepted([.. happened]);

    public static implicit operator Decision<TEvent>(Rejection why) => new Rejected(why);
}
