using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Finds out, exactly, how far the log is settled. Numbers become visible out of order, so a missing one may still come.
/// Where numbers follow each other without a gap there is nothing to wait for. At a gap: note the sequence's last value,
/// then which transactions hold a lock for writing on <c>mt_streams</c>. A writer takes that lock before it draws a
/// number and keeps it until its commit is visible, so once all of those are over, every number up to the noted one is
/// there or never will be.
/// </summary>
/// <remarks>
/// A snapshot's xmax would not do in place of the locks: it is the last finished transaction id and one, and an open
/// writer may have that very id, or a higher one. The locks also spare readers from waiting for transactions that write
/// something else, in this database or another of the cluster.
/// <para>
/// A noted writer may prepare its commit for later. It then outlives its session and even the server, and after a restart
/// its locks are listed under another name. So when the sessions that were noted are over, those who hold the lock
/// prepared are waited for too, by transaction id, which never changes.
/// </para>
/// <para>
/// What is settled never exceeds what is there: a number that nobody committed may be drawn again after a crash of the
/// server. Not for several threads at once.
/// </para>
/// </remarks>
internal sealed class SettledLog(EventPool pool)
{
    private const int MaxLook = 5000;

    private const string Numbers =
        "select seq_id from public.mt_events where seq_id > $1 order by seq_id limit $2";

    // The last value counts only once it has been drawn.
    private const string LastDrawn =
        "select case when is_called then last_value else 0 end from public.mt_events_sequence";

    private const string WritesStreams =
        """
        locktype = 'relation' and granted and mode = 'RowExclusiveLock'
        and database = (select oid from pg_database where datname = current_database())
        and relation = 'public.mt_streams'::regclass
        """;

    private const string Writers =
        $"select virtualtransaction from pg_locks where pid is not null and {WritesStreams}";

    // One look at the locks for both answers: whoever prepares between two looks would be in neither.
    private const string OpenAndPrepared =
        $"""
        with held as materialized (select * from pg_locks)
        select
            exists (select from held where pid is not null and virtualtransaction = any ($1)),
            array(
                select transactionid::text from held
                where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted and pid is null
                  and virtualtransaction in (select virtualtransaction from held where pid is null and {WritesStreams}))
        """;

    private const string PreparedAreOver =
        """
        select not exists (
            select from pg_locks
            where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted and transactionid::text = any ($1))
        """;

    private const string LastThere = "select coalesce(max(seq_id), 0) from public.mt_events where seq_id <= $1";

    private const string NoteSql =
        """
        insert into public.mt_event_progression as p (name, last_seq_id, last_updated)
        values ('HighWaterMark', $1, transaction_timestamp())
        on conflict (name) do update
        set last_seq_id = greatest(p.last_seq_id, excluded.last_seq_id), last_updated = excluded.last_updated
        """;

    private long settled = -1;
    private Gap? gap;

    /// <summary>-1 until the first look.</summary>
    public long Settled => Volatile.Read(ref settled);

    /// <summary>Waiting for open transactions.</summary>
    public bool IsAtGap => Volatile.Read(ref gap) is not null;

    /// <summary>How long the oldest gap has been waited at.</summary>
    public TimeSpan StalledFor => Volatile.Read(ref gap) is { } at ? Stopwatch.GetElapsedTime(at.Since) : TimeSpan.Zero;

    /// <summary>Looks once.</summary>
    /// <returns>Whether more is settled than before.</returns>
    public async Task<bool> Advance(CancellationToken cancel)
    {
        var before = settled;
        if (before < 0)
        {
            // What was before this process is one large gap.
            Volatile.Write(ref gap, gap ?? await FindWriters(cancel));
        }
        else
        {
            var (contiguous, isGap) = await Contiguous(before, cancel);
            Volatile.Write(ref settled, contiguous);
            if (gap is { } passed && passed.LastDrawn <= contiguous)
                Volatile.Write(ref gap, null);
            if (isGap && gap is null)
                Volatile.Write(ref gap, await FindWriters(cancel));
        }

        if (gap is { } at && await AreOver(at, cancel))
        {
            Volatile.Write(ref settled, Math.Max(settled, await Last(at.LastDrawn, cancel)));
            Volatile.Write(ref gap, null);
        }

        return settled > before;
    }

    /// <summary>Writes down how far the log is settled; never back.</summary>
    public async Task Note(long position, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(NoteSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<(long Upto, bool IsGap)> Contiguous(long from, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(Numbers);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxLook });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var upto = from;
        while (await rows.ReadAsync(cancel))
        {
            if (rows.GetInt64(0) != upto + 1)
                return (upto, true);
            upto++;
        }

        return (upto, false);
    }

    private async Task<Gap> FindWriters(CancellationToken cancel)
    {
        // Two statements, in this order: whoever drew a number before the first holds its lock at the second, or is over.
        await using var batch = pool.Source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LastDrawn));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Writers));
        await using var rows = await batch.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        var lastDrawn = rows.GetInt64(0);
        await rows.NextResultAsync(cancel);
        var writers = new List<string>();
        while (await rows.ReadAsync(cancel))
            writers.Add(rows.GetString(0));
        return new Gap(lastDrawn, [.. writers], Stopwatch.GetTimestamp());
    }

    private async Task<bool> AreOver(Gap at, CancellationToken cancel)
    {
        at.Prepared ??= await Prepared(at.Writers, cancel);
        if (at.Prepared is not { } prepared)
            return false;
        if (prepared.Length == 0)
            return true;
        await using var command = pool.Source.CreateCommand(PreparedAreOver);
        command.Parameters.Add(Texts(prepared));
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    // Null while one of the writers has its session still.
    private async Task<string[]?> Prepared(string[] writers, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(OpenAndPrepared);
        command.Parameters.Add(Texts(writers));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        return rows.GetBoolean(0) ? null : await rows.GetFieldValueAsync<string[]>(1, cancel);
    }

    private async Task<long> Last(long upto, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(LastThere);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static NpgsqlParameter<string[]> Texts(string[] texts) =>
        new() { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private sealed record Gap(long LastDrawn, string[] Writers, long Since)
    {
        /// <summary>Transaction ids; null until all <see cref="Writers"/> are over or prepared.</summary>
        public string[]? Prepared { get; set; }
    }
}
