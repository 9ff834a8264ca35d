using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Lag;

/// <summary>How far readers are behind the log, and who keeps them. Needs the database alone, and no server to talk to.</summary>
public sealed class LagReader(NpgsqlDataSource database)
{
    // Nodes write down what their views have reached a few times a second, and how far the log is settled once: who knows
    // better says so.
    private const string Readers =
        """
        with last as (select coalesce(max(seq_id), 0) as position from public.mt_events)
        select r.name, r.position, greatest(0, last.position - r.position), coalesce(extract(epoch from greatest(
            interval '0', clock_timestamp() - (
                select e.timestamp from public.mt_events e where e.seq_id > r.position order by e.seq_id limit 1))), 0)::float8
        from last, (
            select 'settled' as name, last_seq_id as position from public.mt_event_progression
            where name = 'HighWaterMark' and 'settled' <> all ($1)
            union all select name, position from eventfiles.projection_shards where not paused
            union all select name, position from unnest($1, $2) as here (name, position)) r
        order by 4 desc, 1
        """;

    // Whoever holds this lock may have drawn a number that nobody sees yet. Of other roles' sessions only superusers are
    // told more than the process.
    private const string OldestWriter =
        """
        select l.pid, coalesce(a.state, 'unknown'), extract(epoch from clock_timestamp() - a.xact_start)::float8
        from pg_locks l left join pg_stat_activity a on a.pid = l.pid
        where l.pid is not null and l.locktype = 'relation' and l.granted and l.mode = 'RowExclusiveLock'
            and l.database = (select oid from pg_database where datname = current_database())
            and l.relation = 'public.mt_streams'::regclass
        union all
        select null, 'prepared', extract(epoch from clock_timestamp() - prepared)::float8
        from pg_prepared_xacts where database = current_database()
        order by 3 desc nulls last limit 1
        """;

    /// <summary>How it stands now.</summary>
    /// <param name="here">Readers of this process that the database does not know of, and where each is.</param>
    public async Task<LagReport> Read(IReadOnlyCollection<(string Name, long Position)> here, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Readers)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. here.Select(one => one.Name)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter<long[]> { TypedValue = [.. here.Select(one => one.Position)] },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(OldestWriter));
        await using var rows = await batch.ExecuteReaderAsync(cancel);
        var readers = new List<ReaderLag>();
        while (await rows.ReadAsync(cancel))
            readers.Add(new ReaderLag(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetDouble(3)));
        await rows.NextResultAsync(cancel);
        return new LagReport(readers, await rows.ReadAsync(cancel) ? Writer(rows) : null);
    }

    private static OpenWriter Writer(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetInt32(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetDouble(2));
}

/// <summary>How far readers are behind.</summary>
/// <param name="Readers">The one that is farthest behind comes first. Paused projections are none.</param>
/// <param name="OldestWriter">The transaction that readers would wait for longest; null when none is open.</param>
public sealed record LagReport(IReadOnlyList<ReaderLag> Readers, OpenWriter? OldestWriter)
{
    /// <summary>The reader that is farthest behind, when that is longer than <paramref name="atMost"/>.</summary>
    public ReaderLag? Late(TimeSpan atMost) => Readers is [var first, ..] && first.Seconds > atMost.TotalSeconds ? first : null;
}

/// <summary>How far one reader is behind.</summary>
/// <param name="Reader">A projection, the relay, or <c>settled</c>: what all of them may read at all.</param>
/// <param name="Events">At most so many it has not taken: rolled back numbers count too.</param>
/// <param name="Seconds">How old the first of them is; 0 when there is none.</param>
public sealed record ReaderLag(string Reader, long Position, long Events, double Seconds);

/// <summary>A transaction that has written to a stream and is open.</summary>
/// <param name="ProcessId">Of its session; null when it is prepared and has none.</param>
/// <param name="State">What its session does, as PostgreSQL says: <c>idle in transaction</c>.</param>
/// <param name="Seconds">For how long it has been open; null when this role is not told.</param>
public sealed record OpenWriter(int? ProcessId, string State, double? Seconds);
