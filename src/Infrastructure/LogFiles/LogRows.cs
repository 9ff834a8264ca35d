using System.Runtime.CompilerServices;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// What an export reads, page by page: nobody's transaction is open while a file is written. Private rows come out open: a
/// file is read where the keys are others.
/// </summary>
internal sealed class LogRows(EventPool pool, PrivateKeys keys)
{
    private const int PageSize = 2000;

    // What hangs on a position is asked for with it.
    private const string EventsSql =
        """
        select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id,
            e.causation_id, e.headers, e.data, e.bdata, e.mt_dotnet_type, coalesce(e.is_archived, false),
            p.tenant_id, p.salt, p.fields
        from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id and $4
        where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3
        """;

    private const string EndsSql =
        """
        select (select id from public.mt_events order by seq_id limit 1),
            (select coalesce(max(seq_id), 0) from public.mt_events),
            (select coalesce(max(last_seq_id), 0) from public.mt_event_progression where name = 'Relay:All')
        """;

    private const string PasswordsSql = "select holder, hash, changed_at from eventfiles.passwords order by holder";

    /// <summary>The first event's id, the last one's position, and how far the work that follows from events was done.</summary>
    public async Task<(Guid? First, long Last, long Relay)> Ends(CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand(EndsSql);
        await using var row = await asks.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row[0] as Guid?, row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>Null when there is no event at that position.</summary>
    public async Task<Guid?> IdAt(long position, CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand("select id from public.mt_events where seq_id = $1");
        asks.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        return await asks.ExecuteScalarAsync(cancel) as Guid?;
    }

    public async IAsyncEnumerable<LogEvent> Events(
        long after, long upto, bool withPrivate, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = new List<LogEvent>();
            await using (var command = pool.Source.CreateCommand(EventsSql))
            {
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
                command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = withPrivate });
                await using var rows = await command.ExecuteReaderAsync(cancel);
                while (await rows.ReadAsync(cancel))
                    page.Add(Event(rows));
            }

            var sealing = page.Select(one => one.Private is { } row ? PersonalFields.KeyOf(row.Fields) : null).OfType<Guid>().ToHashSet();
            var ring = await keys.ToOpen(sealing, cancel);
            foreach (var happened in page)
                yield return Opened(happened, ring);
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Position;
        }
    }

    public async Task<IReadOnlyCollection<LogPassword>> Passwords(CancellationToken cancel)
    {
        var all = new List<LogPassword>();
        await using var command = pool.Source.CreateCommand(PasswordsSql);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            all.Add(new LogPassword(rows.GetString(0), rows.GetString(1), await rows.GetFieldValueAsync<DateTimeOffset>(2, cancel)));
        return all;
    }

    private static LogEvent Opened(LogEvent happened, IReadOnlyDictionary<Guid, PrivateKey?> ring) => happened.Private is { } row
        ? happened with
        {
            Private = PersonalFields.Open(row.Salt, row.Fields, happened.Id, ring) is { } open
                ? new LogPrivate(row.Tenant, open.Salt, open.Fields)
                : null,
        }
        : happened;

    private static LogEvent Event(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetDateTime(5),
        row[6] as string, row[7] as string, row[8] as string, row[9] as string, Bytes(row, 10), Bytes(row, 11)!, Bytes(row, 12),
        row[13] as string, row.GetBoolean(14),
        row.IsDBNull(15) ? null : new LogPrivate(row.GetString(15), Bytes(row, 16)!, Bytes(row, 17)!));

    private static byte[]? Bytes(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
