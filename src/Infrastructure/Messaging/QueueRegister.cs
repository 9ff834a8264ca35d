using Npgsql;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Queues and dead letters from an operator's side, for commands and the API. It needs the database alone, and neither a
/// server nor a broker to talk to: retries are written down, and a node that runs hands the work out.
/// </summary>
public sealed class QueueRegister(NpgsqlDataSource database) : IDeadLetters, IQueues
{
    private const string Letters =
        """
        select id, kind, work, body, error, tries, at, retry_asked, correlation_id, causation_id
        from eventfiles.dead_letters
        """;

    // A node reports every five seconds. All see the same broker: what one of them saw last is how it stands.
    private const string Queues =
        """
        with fresh as (
            select * from eventfiles.work_queues where reported_at > now() - interval '20 seconds'
        ),
        broker as (
            select distinct on (kind) kind, at_broker, consumers from fresh where at_broker is not null
            order by kind, reported_at desc
        )
        select f.kind, sum(f.waiting) + coalesce(max(b.at_broker), 0), sum(f.running),
            coalesce(max(b.consumers), count(*) filter (where f.at_broker is null)), min(f.oldest),
            (select count(*) from eventfiles.dead_letters d where d.kind = f.kind)
        from fresh f left join broker b on b.kind = f.kind
        group by f.kind order by f.kind
        """;

    public Task<IReadOnlyList<DeadLetter>> List(int limit, CancellationToken cancel) =>
        Read($"{Letters} order by at, id limit $1", Letter, cancel, limit);

    public async Task<DeadLetter?> Find(Guid id, CancellationToken cancel) =>
        await Read($"{Letters} where id = $1", Letter, cancel, id) is [var letter] ? letter : null;

    public Task<bool> Retry(Guid id, CancellationToken cancel) =>
        Run("update eventfiles.dead_letters set retry_asked = true where id = $1", cancel, id);

    public Task<bool> Discard(Guid id, CancellationToken cancel) =>
        Run("delete from eventfiles.dead_letters where id = $1", cancel, id);

    public Task<IReadOnlyList<QueueStatus>> List(CancellationToken cancel) => Read(
        Queues,
        row => new QueueStatus(
            row.GetString(0), row.GetFieldValue<long>(1), (int)row.GetInt64(2), row.GetInt64(3),
            row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4), (int)row.GetInt64(5)),
        cancel);

    private static DeadLetter Letter(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5),
        row.GetFieldValue<DateTimeOffset>(6), row.GetBoolean(7), Text(row, 8), Text(row, 9));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private async Task<IReadOnlyList<T>> Read<T>(
        string sql, Func<NpgsqlDataReader, T> item, CancellationToken cancel, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var items = new List<T>();
        while (await rows.ReadAsync(cancel))
            items.Add(item(rows));
        return items;
    }

    private async Task<bool> Run(string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    private NpgsqlCommand Command(string sql, object[] arguments)
    {
        var command = database.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.AddWithValue(argument);
        return command;
    }
}
