using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Where workers put what they give up. The same work given up again is the same letter, so that a deadline which keeps
/// failing makes one letter and not thousands.
/// </summary>
internal interface IDeadLetterBox
{
    /// <summary>Completes when the letter cannot be lost any more.</summary>
    /// <param name="error">Without a word of what the work was about.</param>
    Task Add(Message message, string error, int tries, CancellationToken cancel);

    /// <summary>The oldest for which an operator has asked for another try.</summary>
    Task<IReadOnlyList<AskedLetter>> Asked(int limit, CancellationToken cancel);

    /// <summary>It was handed out anew. If it was given up again meanwhile, the letter stays, even if it is asked for again.</summary>
    Task Forget(AskedLetter letter, CancellationToken cancel);

    /// <summary>How many there are.</summary>
    Task<int> Count(CancellationToken cancel);
}

/// <summary>A letter for which an operator has asked for another try.</summary>
/// <param name="Times">How often its work had been given up by then.</param>
internal sealed record AskedLetter(Guid Id, int Times, Message Message);

/// <summary>Dead letters in PostgreSQL, whatever the queue: they outlive the process and the broker.</summary>
internal sealed partial class DeadLetterBox(EventPool pool, TimeProvider clock, ILogger<DeadLetterBox> log) : IDeadLetterBox
{
    // PostgreSQL's text has no place for it, and what came from a broker may hold anything.
    private const char Nothing = '\0';

    public async Task Add(Message message, string error, int tries, CancellationToken cancel)
    {
        var id = IdOf(message);
        await using var command = Command(
            """
            insert into eventfiles.dead_letters as d
                (id, kind, work, body, owner, error, tries, at, correlation_id, causation_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (id) do update
            set kind = excluded.kind, owner = excluded.owner, error = excluded.error, tries = excluded.tries,
                at = excluded.at, correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
                times = d.times + 1, retry_asked = false
            """,
            id, message.Kind, Clean(message.Type), Clean(message.Body), message.Owner.Value,
            error, tries, clock.GetUtcNow(), Clean(message.CorrelationId), Clean(message.CausationId));
        await command.ExecuteNonQueryAsync(cancel);
        GivenUp(log, message.Type, tries, error, id);
    }

    public async Task<IReadOnlyList<AskedLetter>> Asked(int limit, CancellationToken cancel)
    {
        await using var command = Command(
            """
            select id, kind, work, body, owner, correlation_id, causation_id, times from eventfiles.dead_letters
            where retry_asked order by at, id limit $1
            """,
            limit);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var asked = new List<AskedLetter>();
        while (await rows.ReadAsync(cancel))
            asked.Add(new AskedLetter(rows.GetGuid(0), rows.GetInt32(7), Letter(rows)));
        return asked;
    }

    public async Task Forget(AskedLetter letter, CancellationToken cancel)
    {
        await using var command = Command(
            "delete from eventfiles.dead_letters where id = $1 and times = $2 and retry_asked", letter.Id, letter.Times);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<int> Count(CancellationToken cancel)
    {
        await using var command = Command("select count(*)::int from eventfiles.dead_letters");
        return (int)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static Message Letter(NpgsqlDataReader row) => new(
        row.GetString(1), row.GetString(2), row.GetString(3), new AccountId(row.GetGuid(4)), Text(row, 5), Text(row, 6));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Guid IdOf(Message message) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{message.Type}\n{message.Body}")).AsSpan(0, 16), bigEndian: true);

    private static string? Clean(string? text) => text?.Replace(Nothing, '\uFFFD');

    private NpgsqlCommand Command(string sql, params object?[] arguments)
    {
        var command = pool.Source.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(argument is null ? new NpgsqlParameter<string?>() : new NpgsqlParameter { Value = argument });
        return command;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} was given up after {Tries} tries ({Error}): dead letter {Letter}")]
    private static partial void GivenUp(ILogger log, string work, int tries, string error, Guid letter);
}
