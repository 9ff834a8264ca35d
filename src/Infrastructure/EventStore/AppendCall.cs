using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>The one call that appends what transactions decided, and who was at fault when it is refused.</summary>
internal sealed class AppendCall
{
    private const string Call =
        """
        select eventfiles.append_together(
            $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,
            $28,$29,$30,$31,$32,$33)
        """;

    private readonly IReadOnlyList<AppendRows> together;
    private readonly List<Standing> streams;
    private readonly List<(AppendRows Owner, Claim Claim, AccountId Tenant)> claims;
    private readonly List<(int Number, AppendRows Owner, AppendKey Key)> keys;

    /// <summary>Puts in order what is to be written.</summary>
    /// <param name="together">Those that <see cref="AppendCompany"/> let go together.</param>
    public AppendCall(IReadOnlyList<AppendRows> together)
    {
        this.together = together;
        // Read by several, a stream is locked once. The database locks in this order; every writer must use the same.
        streams =
        [
            // Of a stream that two deciders looked at, the one that added to it tells where it stands.
            .. together.SelectMany((rows, index) => rows.Streams.OrderByDescending(seen => seen.Version - seen.Loaded)
                    .Select(seen => new Standing(seen, index + 1)))
                .DistinctBy(standing => standing.Seen.Stream.Name, StringComparer.Ordinal)
                .OrderBy(standing => standing.Seen.Stream.Name, StringComparer.Ordinal),
        ];
        claims =
        [
            .. together.SelectMany(rows => rows.Claims.Select(one => (rows, one.Claim, one.Tenant)))
                .OrderBy(one => one.Claim.Scope, StringComparer.Ordinal)
                .ThenBy(one => one.Claim.Key, StringComparer.Ordinal),
        ];
        keys =
        [
            .. together.Select((rows, index) => (index + 1, rows, rows.Key!)).Where(one => one.Item3 is not null)
                .OrderBy(one => one.Item3.Asked.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Appends all, and tells each the position of its last event.</summary>
    /// <exception cref="PostgresException">It was refused, and nothing has happened.</exception>
    public async Task Run(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(Call);
        var all = command.Parameters;
        AddTransactions(all);
        AddStreams(all);
        AddEvents(all);
        AddEach(all, NpgsqlDbType.Text, claims, one => one.Claim.Holder);
        AddEach(all, NpgsqlDbType.Text, claims, one => one.Claim.Scope);
        AddEach(all, NpgsqlDbType.Text, claims, one => one.Claim.Key);
        AddEach(all, NpgsqlDbType.Text, claims, one => one.Tenant.ToString());
        AddKeys(all);
        var sent = command.ExecuteScalarAsync(CancellationToken.None);
        KillPoint.Reach("append.sent");
        var positions = (long[])(await sent)!;
        KillPoint.Reach("append.committed");
        var last = -1;
        foreach (var rows in together)
        {
            last += rows.Events.Count;
            rows.Stored(positions[last]);
        }
    }

    /// <summary>Those at fault, with what to tell each; nobody when the refusal does not say.</summary>
    public IReadOnlyList<(AppendRows Rows, Exception Why)> AtFault(PostgresException refused) => refused switch
    {
        { SqlState: "EF001", Hint: { Length: > 0 } stream } =>
        [
            .. together.Where(rows => rows.Streams.Any(seen => seen.Stream.Name == stream))
                .Select(rows => (rows, (Exception)new ConflictException(stream))),
        ],
        { SqlState: "EF004", Hint: { Length: > 0 } over } =>
        [
            .. together.Where(rows => rows.Streams.Any(seen => seen.Stream.Name == over && seen.Version > seen.Loaded))
                .Select(rows => (rows, (Exception)new ArchivedException(over))),
        ],
        { SqlState: "EF002" } when claims[int.Parse(refused.Hint!, CultureInfo.InvariantCulture)] is var (owner, claim, _) =>
            [(owner, new ClaimTakenException(claim.WhenTaken!))],
        { SqlState: "EF003" } when keys[int.Parse(refused.Hint!, CultureInfo.InvariantCulture)] is var (_, asker, _) =>
            [(asker, new AnsweredBeforeException())],
        _ => [],
    };

    private void AddTransactions(NpgsqlParameterCollection all)
    {
        AddEach(all, NpgsqlDbType.TimestampTz, together, rows => rows.Now);
        AddEach(all, NpgsqlDbType.Varchar, together, rows => rows.Origin.Actor?.ToString());
        AddEach(all, NpgsqlDbType.Varchar, together, rows => rows.Origin.CorrelationId);
        AddEach(all, NpgsqlDbType.Varchar, together, rows => rows.Origin.CausationId);
        AddEach(all, NpgsqlDbType.Jsonb, together, rows => EventHeaders.Of(rows.Origin));
    }

    private void AddStreams(NpgsqlParameterCollection all)
    {
        var old = streams.FindAll(standing => standing.Seen.Loaded > 0);
        AddEach(all, NpgsqlDbType.Varchar, old, standing => standing.Seen.Stream.Name);
        AddEach(all, NpgsqlDbType.Bigint, old, standing => standing.Seen.Loaded);
        AddEach(all, NpgsqlDbType.Bigint, old, standing => standing.Seen.Version);
        AddEach(all, NpgsqlDbType.Integer, old, standing => standing.Owner);

        var made = streams.FindAll(standing => standing.Seen is { Loaded: 0, Version: > 0 });
        AddEach(all, NpgsqlDbType.Varchar, made, standing => standing.Seen.Stream.Name);
        AddEach(all, NpgsqlDbType.Bigint, made, standing => standing.Seen.Version);
        AddEach(all, NpgsqlDbType.Varchar, made, standing => standing.Seen.Stream.Tenant.ToString());
        AddEach(all, NpgsqlDbType.Integer, made, standing => standing.Owner);

        var absent = streams.FindAll(standing => standing.Seen is { Loaded: 0, Version: 0 });
        AddEach(all, NpgsqlDbType.Varchar, absent, standing => standing.Seen.Stream.Name);
    }

    private void AddEvents(NpgsqlParameterCollection all)
    {
        List<(int Owner, AppendedEvent Event)> events =
            [.. together.SelectMany((rows, index) => rows.Events.Select(happened => (index + 1, happened)))];
        AddEach(all, NpgsqlDbType.Integer, events, one => one.Owner);
        AddEach(all, NpgsqlDbType.Uuid, events, one => one.Event.Id);
        AddEach(all, NpgsqlDbType.Varchar, events, one => one.Event.Stream.Name);
        AddEach(all, NpgsqlDbType.Varchar, events, one => one.Event.Stream.Tenant.ToString());
        AddEach(all, NpgsqlDbType.Bigint, events, one => one.Event.Version);
        AddEach(all, NpgsqlDbType.Varchar, events, one => one.Event.Body.Type.Name);
        AddEach(all, NpgsqlDbType.Jsonb, events, one => one.Event.Body.Public);

        List<(int Number, EventBody Body)> personal =
            [.. events.Select((one, index) => (index + 1, one.Event.Body)).Where(one => one.Body.Private is not null)];
        AddEach(all, NpgsqlDbType.Integer, personal, one => one.Number);
        AddEach(all, NpgsqlDbType.Bytea, personal, one => one.Body.Salt!);
        AddEach(all, NpgsqlDbType.Bytea, personal, one => one.Body.Private!);
    }

    private void AddKeys(NpgsqlParameterCollection all)
    {
        AddEach(all, NpgsqlDbType.Integer, keys, one => one.Number);
        AddEach(all, NpgsqlDbType.Text, keys, one => one.Key.Asked.Account.ToString());
        AddEach(all, NpgsqlDbType.Bytea, keys, one => one.Key.Asked.Hash);
        AddEach(all, NpgsqlDbType.Bytea, keys, one => one.Key.Asked.Fingerprint);
        AddEach(all, NpgsqlDbType.Bytea, keys, one => one.Key.Answer);
    }

    private static void AddEach<TItem, T>(
        NpgsqlParameterCollection all, NpgsqlDbType type, IReadOnlyList<TItem> items, Func<TItem, T> value)
    {
        var values = new T[items.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = value(items[index]);
        all.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>A stream, and which transaction (from 1) touched it, or was the first to read it.</summary>
    private sealed record Standing(Touched Seen, int Owner);
}
