using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Puts all that a transaction decided into the log: one call, one round trip, one commit, which under load it shares with
/// others that wait.
/// </summary>
internal sealed class Appender
{
    // More than the cores can work at only split what could go together.
    private static readonly int Lanes = Math.Clamp(Environment.ProcessorCount, 2, 8);
    private const int MostTogether = 64;

    // One event on one stream, which most appends are, needs no function: the statement does nothing when the stream is at
    // another version. The stream's row comes first here too, since a number is drawn for each row of "stream" only.
    private const string ToStream =
        """
        with stream as (
            update public.mt_streams set version = $2, timestamp = $3 
            where id = $1 and version = $2 - 1 and is_archived is not true returning id)
        """;

    private const string ToNewStream =
        """
        with stream as (
            insert into public.mt_streams (id, version, timestamp, created, tenant_id)
            select $1, $2, $3, $3, $4 from (select pg_advisory_xact_lock(17734, hashtext($1))) as name_lock
            on conflict (id) do nothing returning id)
        """;

    private const string OneEvent =
        """
        insert into public.mt_events
            (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, user_name,
             headers)
        select nextval('public.mt_events_sequence'), $5, $1, $2, $6, $7, $3, $4, $8, $9, $10, $11 from stream returning seq_id
        """;

    private const string OnePersonalEvent =
        $"""
        , appended as ({OneEvent})
        insert into eventfiles.event_private (seq_id, tenant_id, salt, fields)
        select seq_id, $4, $12, $13 from appended returning seq_id
        """;

    private const string AppendToStream = ToStream + OneEvent;
    private const string AppendToNewStream = ToNewStream + OneEvent;
    private const string AppendPersonalToStream = ToStream + OnePersonalEvent;
    private const string AppendPersonalToNewStream = ToNewStream + OnePersonalEvent;

    private const string Check =
        """
        select n.name from unnest($1, $2) as n (name, expected) left join public.mt_streams s on s.id = n.name
        where coalesce(s.version, 0) <> n.expected limit 1
        """;

    private const string IsArchived =
        "select exists (select from public.mt_streams where id = $1 and version = $2 and is_archived)";

    private readonly EventPool pool;
    private readonly EventJson json;
    private readonly PrivateKeys keys;
    private readonly AppendLanes lanes;

    public Appender(EventPool pool, EventJson json, PrivateKeys keys)
    {
        (this.pool, this.json, this.keys) = (pool, json, keys);
        lanes = new AppendLanes(Lanes, MostTogether, Write);
    }

    /// <summary>Appends the events, private rows and claims, or nothing. Not cancelled: who asked wants to know.</summary>
    /// <returns>The position of the last event.</returns>
    /// <exception cref="ConflictException">A stream that was decided on or only loaded has changed.</exception>
    /// <exception cref="ClaimTakenException">Somebody else holds what was claimed.</exception>
    /// <exception cref="ArchivedException">A stream is over.</exception>
    /// <exception cref="AnsweredBeforeException">The request that the key names was answered before.</exception>
    /// <exception cref="ObjectKeyLostException">What is personal in them cannot be sealed now.</exception>
    public async Task<long> Append(Transaction transaction, Origin origin, AppendKey? key) =>
        await lanes.Add(AppendRows.Of(transaction, origin, key, json, await Seals(transaction)));

    // As a rule they are in memory.
    private async ValueTask<Dictionary<AccountId, PrivateSeal>> Seals(Transaction transaction)
    {
        var seals = new Dictionary<AccountId, PrivateSeal>();
        foreach (var happened in transaction.Events)
        {
            if (json.IsPersonal(happened.Fact) && happened.Of.Tenant is var tenant && !seals.ContainsKey(tenant))
                seals.Add(tenant, await keys.ToSeal(tenant, CancellationToken.None));
        }

        return seals;
    }

    private async Task Write(List<AppendRows> together)
    {
        try
        {
            if (together is [{ IsPlain: true } plain])
                plain.Stored(await AppendOne(plain));
            else
                await new AppendCall(together).Run(pool.Appends);
        }
        catch (PostgresException refused) when (together.Count > 1)
        {
            await WriteWithout(new AppendCall(together).AtFault(refused), together);
        }
        catch (Exception why) when (!pool.Clears(why))
        {
            foreach (var rows in together)
                rows.Failed(Told(rows, why));
        }
    }

    // The others are not to blame: together again without those at fault, or each alone when nobody knows who that is, or
    // when one would have to wait for a lock.
    private async Task WriteWithout(
        IReadOnlyList<(AppendRows Rows, Exception Why)> atFault, List<AppendRows> together)
    {
        foreach (var (rows, why) in atFault)
            rows.Failed(why);
        var others = together.Except(atFault.Select(one => one.Rows)).ToList();
        if (atFault.Count > 0 && others.Count > 0)
        {
            await Write(others);
            return;
        }

        foreach (var rows in others)
        {
            rows.IsAlone = true;
            _ = lanes.Add(rows);
        }
    }

    private static Exception Told(AppendRows rows, Exception why) => why is not PostgresException refused ? why
        : new AppendCall([rows]).AtFault(refused) is [var (_, told)] ? told
        : IsConflict(refused) ? new ConflictException(rows.Events[0].Stream.Name)
        : why;

    private async Task<long> AppendOne(AppendRows rows)
    {
        var (happened, stream, body) = (rows.Events[0], rows.Streams[0], rows.Events[0].Body);
        await using var command = pool.Appends.CreateCommand((stream.Loaded == 0, body.Private is null) switch
        {
            (false, true) => AppendToStream,
            (false, false) => AppendPersonalToStream,
            (true, true) => AppendToNewStream,
            (true, false) => AppendPersonalToNewStream,
        });
        var all = command.Parameters;
        all.Add(new NpgsqlParameter<string> { TypedValue = stream.Stream.Name });
        all.Add(new NpgsqlParameter<long> { TypedValue = happened.Version });
        all.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = rows.Now });
        all.Add(new NpgsqlParameter<string> { TypedValue = happened.Stream.Tenant.ToString() });
        all.Add(new NpgsqlParameter<Guid> { TypedValue = happened.Id });
        all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Public, NpgsqlDbType = NpgsqlDbType.Jsonb });
        all.Add(new NpgsqlParameter<string> { TypedValue = body.Type.Name });
        AddText(all, rows.Origin.CorrelationId);
        AddText(all, rows.Origin.CausationId);
        AddText(all, rows.Origin.Actor?.ToString());
        all.Add(new NpgsqlParameter<byte[]> { TypedValue = EventHeaders.Of(rows.Origin), NpgsqlDbType = NpgsqlDbType.Jsonb });
        if (body.Private is not null)
        {
            all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Salt });
            all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Private });
        }

        var sent = command.ExecuteScalarAsync(CancellationToken.None);
        KillPoint.Reach("append.one-sent");
        return await sent as long? ?? throw await WhyNot(stream);
    }

    // What memory said of a new stream may be wrong: then its state decides, as after any conflict.
    private async Task<Exception> WhyNot(Touched stream)
    {
        if (stream.Loaded == 0)
            return new ConflictException(stream.Stream.Name);
        await using var asks = pool.Source.CreateCommand(IsArchived);
        asks.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Stream.Name });
        asks.Parameters.Add(new NpgsqlParameter<long> { TypedValue = stream.Loaded });
        return (bool)(await asks.ExecuteScalarAsync(CancellationToken.None))!
            ? new ArchivedException(stream.Stream.Name)
            : new ConflictException(stream.Stream.Name);
    }

    /// <summary>For a transaction that appends nothing: what it answered must hold for the streams as they stand.</summary>
    /// <exception cref="ConflictException">One of the streams has changed.</exception>
    public async Task Verify(IReadOnlyCollection<Touched> streams, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(Check);
        command.Parameters.Add(new NpgsqlParameter<string[]>
        {
            TypedValue = [.. streams.Select(seen => seen.Stream.Name)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar,
        });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. streams.Select(seen => seen.Loaded)] });
        if (await command.ExecuteScalarAsync(cancel) is string changed)
            throw new ConflictException(changed);
    }

    // The last one: two transactions gave one holder its first claim.
    private static bool IsConflict(PostgresException refused) =>
        refused.SqlState is "EF001" or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
        || (refused.SqlState is PostgresErrorCodes.UniqueViolation && refused.ConstraintName is "claims_pkey");

    private static void AddText(NpgsqlParameterCollection all, string? value) =>
        all.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar });
}

/// <summary>Another writer was faster.</summary>
internal sealed class ConflictException(string stream) : Exception($"The stream {stream} has changed.")
{
    public string Stream => stream;
}

/// <summary>The stream is archived: nothing is added to it.</summary>
internal sealed class ArchivedException(string stream) : Exception($"The stream {stream} is archived.");

/// <summary>A unique thing is somebody else's.</summary>
internal sealed class ClaimTakenException(Rejection why) : Exception(why.Detail)
{
    public Rejection Why => why;
}
