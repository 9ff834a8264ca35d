using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Events that a subscriber could not take. All others went on, but what follows in the same stream waits behind the
/// first that is parked. They are kept in the database until somebody retries them.
/// </summary>
internal interface IParkedEvents
{
    /// <summary>How many were parked since the start.</summary>
    long Count { get; }

    /// <summary>Writes one down; once more, and its tries are counted.</summary>
    /// <param name="subscriber">A projection's name, or the relay's.</param>
    /// <param name="generation">Of the projection's views; 0 for who has none.</param>
    Task Park(string subscriber, int generation, RecordedEvent happened, Exception why, CancellationToken cancel);

    /// <summary>What a subscriber has parked, in order of position.</summary>
    Task<IReadOnlyList<ParkedEvent>> Of(string subscriber, int generation, CancellationToken cancel);

    /// <summary>It was taken after all.</summary>
    Task Remove(ParkedEvent one, CancellationToken cancel);

    /// <summary>Forgets what other generations of a projection have parked: they are gone.</summary>
    Task KeepOnly(string subscriber, IReadOnlyCollection<int> generations, CancellationToken cancel);
}

/// <summary>An event that a subscriber could not take.</summary>
/// <param name="Stream">Later events of this stream wait behind it.</param>
/// <param name="Version">Its place in the stream.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="StoredName">Its stored name.</param>
/// <param name="Error">What went wrong and where, without a word of the event's contents.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="At">When it was tried last.</param>
internal sealed record ParkedEvent(
    string Subscriber, int Generation, string Stream, long Version, long Position, string StoredName, string Error,
    int Tries, DateTimeOffset At);

internal sealed partial class ParkedEvents(EventPool pool, TimeProvider clock, ILogger<ParkedEvents> log) : IParkedEvents
{
    private const string Insert =
        """
        insert into eventfiles.parked_events as p
            (subscriber, generation, stream, version, position, stored_name, error, tries, at)
        values ($1, $2, $3, $4, $5, $6, $7, 1, $8)
        on conflict (subscriber, generation, position) do update
        set tries = p.tries + 1, error = excluded.error, at = excluded.at
        """;

    private const string Select =
        """
        select stream, version, position, stored_name, error, tries, at from eventfiles.parked_events
        where subscriber = $1 and generation = $2 order by position
        """;

    private long count;

    public long Count => Interlocked.Read(ref count);

    /// <summary>
    /// The kind of failure and whose code it came from. Never the exception's message: it may quote what a person wrote.
    /// </summary>
    public static string Describe(Exception why)
    {
        var frames = new StackTrace(why).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType).OfType<Type>().ToList();
        var thrower = frames.Find(type => type.Namespace?.StartsWith("EventFiles.", StringComparison.Ordinal) is true)
            ?? frames.FirstOrDefault();
        while (thrower?.DeclaringType is { } outer)
            thrower = outer;
        return thrower is null ? why.GetType().Name : $"{why.GetType().Name} in {thrower.FullName}";
    }

    public async Task Park(string subscriber, int generation, RecordedEvent happened, Exception why, CancellationToken cancel)
    {
        var error = Describe(why);
        await Run(
            Insert, cancel, subscriber, generation, happened.Stream.Name, happened.Version, happened.Position, happened.Name,
            error, clock.GetUtcNow());
        Interlocked.Increment(ref count);
        Parked(log, subscriber, happened.Position, happened.Name, error);
    }

    public async Task<IReadOnlyList<ParkedEvent>> Of(string subscriber, int generation, CancellationToken cancel)
    {
        await using var command = Command(Select, subscriber, generation);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var all = new List<ParkedEvent>();
        while (await rows.ReadAsync(cancel))
            all.Add(Row(subscriber, generation, rows));
        return all;
    }

    public Task Remove(ParkedEvent one, CancellationToken cancel) => Run(
        "delete from eventfiles.parked_events where subscriber = $1 and generation = $2 and position = $3",
        cancel, one.Subscriber, one.Generation, one.Position);

    public Task KeepOnly(string subscriber, IReadOnlyCollection<int> generations, CancellationToken cancel) => Run(
        "delete from eventfiles.parked_events where subscriber = $1 and generation <> all ($2)",
        cancel, subscriber, generations.ToArray());

    private static ParkedEvent Row(string subscriber, int generation, NpgsqlDataReader rows) => new(
        subscriber, generation, rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetString(3),
        rows.GetString(4), rows.GetInt32(5), rows.GetFieldValue<DateTimeOffset>(6));

    private async Task Run(string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, params object[] arguments)
    {
        var command = pool.Source.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.AddWithValue(argument);
        return command;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Subscriber} parked the event at {Position} ({StoredName}): {Error}")]
    private static partial void Parked(ILogger log, string subscriber, long position, string storedName, string error);
}
