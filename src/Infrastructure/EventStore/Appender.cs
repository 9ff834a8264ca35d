using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Puts all that one transaction decided into the log: one call, one round trip, one commit.</summary>
internal sealed class Appender(EventPool pool, EventJson json)
{
    private const string Call =
        "select eventfiles.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)";

    // One event on one stream, which most appends are, needs no function: the statement does nothing when the stream is at
    // another version. The stream's row comes first here too, since a number is drawn for each row of "stream" only.
    private const string ToStream =
        """
        with stream as (
            update public.mt_streams set version = $2, timestamp = $3 where id = $1 and version = $2 - 1 returning id)
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
            (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, user_name)
        select nextval('public.mt_events_sequence'), $5, $1, $2, $6, $7, $3, $4, $8, $9, $10 from stream returning seq_id
        """;

    private const string OnePersonalEvent =
        $"""
        , appended as ({OneEvent})
        insert into eventfiles.event_private (seq_id, tenant_id, salt, fields)
        select seq_id, $4, $11, $12 from appended returning seq_id
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

    /// <summary>Appends the events, private rows and claims, or nothing.</summary>
    /// <returns>The position of the last event.</returns>
    /// <exception cref="ConflictException">A stream that was decided on or only loaded has changed.</exception>
    /// <exception cref="ClaimTakenException">Somebody else holds what was claimed.</exception>
    public Task<long> Append(Transaction transaction, Origin origin, CancellationToken cancel)
    {
        var claims = Claims(transaction);
        return transaction is { Streams.Count: 1, Events.Count: 1 } && claims.Count == 0
            ? AppendOne(transaction.Events[0], transaction.Now, origin, cancel)
            : AppendAll(transaction, claims, origin, cancel);
    }

    private async Task<long> AppendOne(Pending happened, DateTimeOffset now, Origin origin, CancellationToken cancel)
    {
        var (stream, id) = (happened.Stream, Guid.CreateVersion7(now));
        var body = json.Write(id, happened.Fact);
        await using var command = pool.Source.CreateCommand((stream.Loaded == 0, body.Private is null) switch
        {
            (false, true) => AppendToStream,
            (false, false) => AppendPersonalToStream,
            (true, true) => AppendToNewStream,
            (true, false) => AppendPersonalToNewStream,
        });
        var all = command.Parameters;
        all.Add(new NpgsqlParameter<string> { TypedValue = stream.Stream.Name });
        all.Add(new NpgsqlParameter<long> { TypedValue = happened.Version });
        all.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        all.Add(new NpgsqlParameter<string> { TypedValue = stream.Stream.Tenant.ToString() });
        all.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Public, NpgsqlDbType = NpgsqlDbType.Jsonb });
        all.Add(new NpgsqlParameter<string> { TypedValue = body.Type.Name });
        AddText(all, origin.CorrelationId);
        AddText(all, origin.CausationId);
        AddText(all, origin.Actor?.ToString());
        if (body.Private is not null)
        {
            all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Salt });
            all.Add(new NpgsqlParameter<byte[]> { TypedValue = body.Private });
        }

        try
        {
            return await command.ExecuteScalarAsync(cancel) as long? ?? throw new ConflictException(stream.Stream.Name);
        }
        catch (PostgresException refused) when (IsConflict(refused))
        {
            throw new ConflictException(stream.Stream.Name);
        }
    }

    private async Task<long> AppendAll(
        Transaction transaction, List<(Claim Claim, AccountId Tenant)> claims, Origin origin, CancellationToken cancel)
    {
        Touched[] streams = [.. transaction.Streams];
        // The database locks in this order; every writer must use the same.
        Array.Sort(streams, (one, other) => string.CompareOrdinal(one.Stream.Name, other.Stream.Name));

        await using var command = pool.Source.CreateCommand(Call);
        var all = command.Parameters;
        all.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = transaction.Now });
        AddText(all, origin.Actor?.ToString());
        AddText(all, origin.CorrelationId);
        AddText(all, origin.CausationId);
        AddEach(all, NpgsqlDbType.Varchar, streams, seen => seen.Stream.Name);
        AddEach(all, NpgsqlDbType.Varchar, streams, seen => seen.Stream.Tenant.ToString());
        AddEach(all, NpgsqlDbType.Bigint, streams, seen => seen.Loaded);
        AddEach(all, NpgsqlDbType.Bigint, streams, seen => seen.Version);
        AddEvents(all, transaction, streams);
        if (claims.Count == 0)
        {
            for (var column = 0; column < 4; column++)
                all.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        }
        else
        {
            AddEach(all, NpgsqlDbType.Text, claims, claim => claim.Claim.Holder);
            AddEach(all, NpgsqlDbType.Text, claims, claim => claim.Claim.Scope);
            AddEach(all, NpgsqlDbType.Text, claims, claim => claim.Claim.Key);
            AddEach(all, NpgsqlDbType.Text, claims, claim => claim.Tenant.ToString());
        }

        try
        {
            return (long)(await command.ExecuteScalarAsync(cancel))!;
        }
        catch (PostgresException refused) when (refused.SqlState is "EF001")
        {
            throw new ConflictException(streams[Index(refused)].Stream.Name);
        }
        catch (PostgresException refused) when (refused.SqlState is "EF002")
        {
            throw new ClaimTakenException(claims[Index(refused)].Claim.WhenTaken!);
        }
        catch (PostgresException refused) when (IsConflict(refused))
        {
            throw new ConflictException(streams[0].Stream.Name);
        }
    }

    /// <summary>For a transaction that appends nothing: what it answered must hold for the streams as they stand.</summary>
    /// <exception cref="ConflictException">One of the streams has changed.</exception>
    public async Task Verify(IReadOnlyCollection<Touched> streams, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(Check);
        AddEach(command.Parameters, NpgsqlDbType.Varchar, streams, seen => seen.Stream.Name);
        AddEach(command.Parameters, NpgsqlDbType.Bigint, streams, seen => seen.Loaded);
        if (await command.ExecuteScalarAsync(cancel) is string changed)
            throw new ConflictException(changed);
    }

    private void AddEvents(NpgsqlParameterCollection all, Transaction transaction, Touched[] streams)
    {
        var events = transaction.Events;
        var (ids, ofStreams, versions) = (new Guid[events.Count], new int[events.Count], new long[events.Count]);
        var (types, bodies) = (new string[events.Count], new byte[events.Count][]);
        List<(int Event, EventBody Body)>? personal = null;
        for (var index = 0; index < events.Count; index++)
        {
            var happened = events[index];
            ids[index] = Guid.CreateVersion7(transaction.Now);
            var body = json.Write(ids[index], happened.Fact);
            ofStreams[index] = Array.IndexOf(streams, happened.Stream) + 1;
            versions[index] = happened.Version;
            types[index] = body.Type.Name;
            bodies[index] = body.Public;
            if (body.Private is not null)
                (personal ??= []).Add((index + 1, body));
        }

        Add(all, NpgsqlDbType.Uuid, ids);
        Add(all, NpgsqlDbType.Integer, ofStreams);
        Add(all, NpgsqlDbType.Bigint, versions);
        Add(all, NpgsqlDbType.Varchar, types);
        Add(all, NpgsqlDbType.Jsonb, bodies);
        if (personal is null)
        {
            all.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
            all.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            all.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            return;
        }

        AddEach(all, NpgsqlDbType.Integer, personal, one => one.Event);
        AddEach(all, NpgsqlDbType.Bytea, personal, one => one.Body.Salt!);
        AddEach(all, NpgsqlDbType.Bytea, personal, one => one.Body.Private!);
    }

    // A holder has one claim: the last one counts. In one order, because two writers may claim the same names.
    private List<(Claim Claim, AccountId Tenant)> Claims(Transaction transaction)
    {
        var byHolder = new SortedDictionary<string, (Claim Claim, AccountId Tenant)>(StringComparer.Ordinal);
        foreach (var happened in transaction.Events)
        {
            if (json.Types.Of(happened.Fact.GetType()).Claim?.Invoke(happened.Fact) is { } claim)
                byHolder[claim.Holder] = (claim, happened.Stream.Stream.Tenant);
        }

        return byHolder.Count == 0
            ? []
            : [.. byHolder.Values
                .OrderBy(one => one.Claim.Scope, StringComparer.Ordinal)
                .ThenBy(one => one.Claim.Key, StringComparer.Ordinal)];
    }

    // The last one: two transactions gave one holder its first claim.
    private static bool IsConflict(PostgresException refused) =>
        refused.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
        || (refused.SqlState is PostgresErrorCodes.UniqueViolation && refused.ConstraintName is "claims_pkey");

    private static int Index(PostgresException refused) => int.Parse(refused.Hint!, CultureInfo.InvariantCulture);

    private static void AddText(NpgsqlParameterCollection all, string? value) =>
        all.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar });

    private static void AddEach<TItem, T>(
        NpgsqlParameterCollection all, NpgsqlDbType type, IReadOnlyCollection<TItem> items, Func<TItem, T> value) =>
        Add(all, type, [.. items.Select(value)]);

    private static void Add<T>(NpgsqlParameterCollection all, NpgsqlDbType type, T[] values) =>
        all.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
}

/// <summary>Another writer was faster.</summary>
internal sealed class ConflictException(string stream) : Exception($"The stream {stream} has changed.")
{
    public string Stream => stream;
}

/// <summary>A unique thing is somebody else's.</summary>
internal sealed class ClaimTakenException(Rejection why) : Exception(why.Detail)
{
    public Rejection Why => why;
}
