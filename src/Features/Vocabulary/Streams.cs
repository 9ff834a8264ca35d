namespace EventFiles.Features.Vocabulary;

/// <summary>One writer's history.</summary>
/// <param name="Name">A slice's word and an id: <c>share-0197…</c>. Never holds personal data.</param>
/// <param name="Tenant">Who owns what the stream tells of: replay, erasure and sharding go by it.</param>
public readonly record struct StreamId(string Name, AccountId Tenant)
{
    public override string ToString() => Name;
}

/// <summary>An event as it stands in the log.</summary>
/// <param name="Position">Place in the whole log; grows, with gaps.</param>
/// <param name="Version">Place in its stream: 1, 2, 3…</param>
/// <param name="Name">The stored name of the shape it is read in; an old event may bear a former one in the log.</param>
/// <param name="Fact">The slice's own event record.</param>
public sealed record RecordedEvent(
    long Position, StreamId Stream, long Version, Guid Id, string Name, DateTimeOffset At, object Fact)
{
    /// <summary>Who asked for it; null for what the system did by itself.</summary>
    public AccountId? Actor { get; init; }

    /// <summary>The trace of the request that led to it.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The event or request that led to it directly.</summary>
    public string? CausationId { get; init; }
}

/// <summary>What streams themselves refuse.</summary>
public static class StreamsRejection
{
    /// <summary>It was over, for so long that it was archived. What it tells can be read still.</summary>
    public static readonly Rejection Archived = new(
        "streams.archived", RejectionKind.Gone, "This is over and archived: nothing is added to it any more.");
}

/// <summary>The write side of the event store.</summary>
public interface IStreams
{
    /// <summary>
    /// Runs <paramref name="work"/>, which loads and decides, and appends all it decided in one transaction. When
    /// another writer was faster the work runs again on the newer state (bounded, with jitter): it must have no other
    /// effect than through its <see cref="ITransaction"/>. When a claimed name is taken, the answer is the claim's
    /// refusal; when a stream is archived that something would be added to, it is <see cref="StreamsRejection.Archived"/>.
    /// A refusal appends nothing.
    /// </summary>
    /// <returns>The work's answer, with the position of the last event appended (0 when it was already so).</returns>
    Task<Answer<T>> Transact<T>(Func<ITransaction, Task<Answer<T>>> work, CancellationToken cancel);

    /// <summary>The state of one stream now, from memory where it is fresh there.</summary>
    Task<TState> Load<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class;

    /// <summary>
    /// The same as memory has it, however old; read only when it is not there. For hints that a transaction will check.
    /// </summary>
    Task<TState> Recall<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        Load(stream, decider, cancel);

    /// <summary>The events of a stream in order, from <paramref name="afterVersion"/> on.</summary>
    IAsyncEnumerable<RecordedEvent> Read(string stream, long afterVersion, CancellationToken cancel);

    /// <summary>The events of all streams named, or beginning with one of the names and a dash, by position.</summary>
    IAsyncEnumerable<RecordedEvent> ReadMerged(IReadOnlyList<string> streams, CancellationToken cancel);

    /// <summary>
    /// All events of these types that are committed by now, by position. Goes through the whole log, page by page: for
    /// what no stream's name leads to.
    /// </summary>
    IAsyncEnumerable<RecordedEvent> ReadAll(IReadOnlyCollection<Type> facts, CancellationToken cancel);

    /// <summary>Of <paramref name="keys"/>, those that are claimed in <paramref name="scope"/> now, and by which holder.</summary>
    Task<IReadOnlyDictionary<string, string>> Holders(string scope, IReadOnlyCollection<string> keys, CancellationToken cancel);
}

/// <summary>What one transaction has decided so far. Not shared between threads.</summary>
public interface ITransaction
{
    /// <summary>The time of every decision in this transaction.</summary>
    DateTimeOffset Now { get; }

    CancellationToken Cancel { get; }

    /// <summary>
    /// Whoever asks has only just made the id of this stream: it need not be read. Should it hold events after all, the
    /// append conflicts, and the work runs again on what is there.
    /// </summary>
    void ExpectNew(StreamId stream)
    {
    }

    /// <summary>
    /// Loads the stream, asks the decider, and keeps what it agreed to for the append. Later decisions on the same
    /// stream in this transaction see it.
    /// </summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Decide<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, TCommand command)
        where TState : class where TEvent : class;

    /// <summary>The state of a stream as this transaction sees it. The append fails if another writer changes it.</summary>
    Task<TState> Load<TCommand, TState, TEvent>(StreamId stream, Decider<TCommand, TState, TEvent> decider)
        where TState : class where TEvent : class;
}

/// <summary>
/// A thing that must be unique at once, kept beside the events in their own transaction. A holder has one claim at
/// most: a new one replaces the old.
/// </summary>
/// <param name="Holder">Whose it is: <c>file-0197…</c>.</param>
/// <param name="Scope">Within what it is unique: <c>folder-0197…</c>. Null gives the holder's claim up.</param>
/// <param name="Key">
/// The unique thing in its compared form; may be personal: it lives in a table that erasure empties. Null in a scope asks
/// that nobody holds anything there.
/// </param>
/// <param name="WhenTaken">The refusal when somebody else holds it.</param>
public sealed record Claim(string Holder, string? Scope, string? Key, Rejection? WhenTaken)
{
    public static Claim Of(string holder, string scope, string key, Rejection whenTaken) =>
        new(holder, scope, key, whenTaken);

    public static Claim None(string holder) => new(holder, null, null, null);

    /// <summary>
    /// Gives the holder's claim up and closes a scope in which nobody may hold anything. Exact when everybody who claims in
    /// it has loaded, in the same transaction, a stream that the closing one appends to.
    /// </summary>
    public static Claim Close(string holder, string scope, Rejection whenHeld) => new(holder, scope, null, whenHeld);
}

/// <summary>
/// Marks a property of an event that tells something about a person. Its value never stands in the public event: there
/// stands a salted commitment, and value and salt live in a private row that erasure deletes. After that, reading gives
/// <see cref="Erased"/>. Only <see cref="string"/> properties may bear it.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PersonalAttribute : Attribute
{
    /// <summary>What stands where a personal value was.</summary>
    public const string Erased = "[erased]";

    /// <summary>Whom it tells of. Whose the stream is, unless it says otherwise.</summary>
    public PersonalOf Of { get; init; }
}

/// <summary>Whom a personal value tells of, for whoever takes along what is their own.</summary>
public enum PersonalOf
{
    /// <summary>The one whose the stream is.</summary>
    Owner,

    /// <summary>Whoever did it: their words, or where they were.</summary>
    Actor,

    /// <summary>Somebody else.</summary>
    Another,
}

/// <summary>
/// Marks a property of an event that only machines need, such as the digest of a secret: whoever shows events to a person
/// leaves it out. A file of the whole log holds it, being the log.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class HiddenAttribute : Attribute;
