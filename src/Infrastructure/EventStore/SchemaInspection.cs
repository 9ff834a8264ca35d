using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>What a database holds under our names.</summary>
/// <param name="Missing">The steps that were not taken yet, in order.</param>
/// <param name="IsMartens">Marten's tables are there, empty and without anything of ours: they can be adopted.</param>
internal sealed record SchemaInspection(IReadOnlyList<Migration> Missing, bool IsMartens)
{
    // What we and Marten rely on. More columns on its tables are Marten's business.
    private static readonly string[] MartensColumns =
    [
        "mt_event_progression.last_seq_id bigint",
        "mt_event_progression.last_updated timestamp with time zone",
        "mt_event_progression.name character varying not null",
        "mt_events.bdata bytea",
        "mt_events.causation_id character varying",
        "mt_events.correlation_id character varying",
        "mt_events.data jsonb not null",
        "mt_events.headers jsonb",
        "mt_events.id uuid not null",
        "mt_events.is_archived boolean",
        "mt_events.mt_dotnet_type character varying",
        "mt_events.seq_id bigint not null",
        "mt_events.stream_id character varying",
        "mt_events.tenant_id character varying",
        "mt_events.timestamp timestamp with time zone not null",
        "mt_events.type character varying(500) not null",
        "mt_events.user_name character varying",
        "mt_events.version bigint not null",
        "mt_streams.created timestamp with time zone not null",
        "mt_streams.id character varying not null",
        "mt_streams.is_archived boolean",
        "mt_streams.tenant_id character varying",
        "mt_streams.timestamp timestamp with time zone not null",
        "mt_streams.type character varying",
        "mt_streams.version bigint",
    ];

    private static readonly string[] OurTables = ["schema_version"];

    private static readonly string[] OurColumns =
    [
        "schema_version.applied_at timestamp with time zone not null",
        "schema_version.name text not null",
        "schema_version.version integer not null",
    ];

    private const string ColumnsOf =
        """
        select format('%s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = $1 and c.relname = any ($2) and c.relkind = 'r'
        """;

    private const string RelationsOf =
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')";

    /// <summary>Looks, and changes nothing.</summary>
    /// <exception cref="NewerSchemaException">The database was migrated by a newer program.</exception>
    /// <exception cref="ForeignSchemaException">The database's tables are not ours.</exception>
    public static async Task<SchemaInspection> Of(NpgsqlConnection connection, CancellationToken cancel)
    {
        var taken = await Taken(connection, cancel);
        var martens = (await Texts(connection, RelationsOf, cancel, "public"))
            .Where(name => name is "mt_streams" or "mt_events" or "mt_event_progression").ToArray();
        var missing = Migration.All.Where(step => !taken.ContainsKey(step.Version)).ToArray();
        if (martens.Length == 0 && taken.Count == 0)
            return new SchemaInspection(missing, IsMartens: false);

        var columns = await Texts(connection, ColumnsOf, cancel, "public", martens);
        if (MartensColumns.Except(columns).ToArray() is { Length: > 0 } wrong)
            throw new ForeignSchemaException($"Its event tables lack, or have otherwise: {string.Join(", ", wrong)}.");
        if (taken.Count == 0 && await HasEvents(connection, cancel))
        {
            throw new ForeignSchemaException(
                "It holds events, and beside them nothing of what EventFiles keeps in the schema eventfiles. If they are " +
                "its own, restore that schema from the same backup.");
        }

        return new SchemaInspection(missing, IsMartens: taken.Count == 0);
    }

    private static async Task<Dictionary<int, string>> Taken(NpgsqlConnection connection, CancellationToken cancel)
    {
        var taken = new Dictionary<int, string>();
        if ((await Texts(connection, RelationsOf, cancel, "eventfiles")).Count == 0)
            return taken;
        if (!OurColumns.Order().SequenceEqual((await Texts(connection, ColumnsOf, cancel, "eventfiles", OurTables)).Order()))
            throw new ForeignSchemaException("Its schema eventfiles was made by something else.");

        await using (var asks = new NpgsqlCommand("select version, name from eventfiles.schema_version", connection))
        await using (var rows = await asks.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                taken.Add(rows.GetInt32(0), rows.GetString(1));
        }

        var latest = Migration.All[^1].Version;
        if (taken.Count > 0 && taken.Keys.Max() is var stands && stands > latest)
            throw new NewerSchemaException(stands, latest);
        foreach (var (version, name) in taken)
        {
            if (!Migration.All.Contains(new Migration(version, name)))
                throw new ForeignSchemaException($"Its schema eventfiles has taken a step {version}, {name}, that this program never had.");
        }

        return taken;
    }

    private static async Task<bool> HasEvents(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var asks = new NpgsqlCommand("select exists (select from public.mt_events) or exists (select from public.mt_streams)", connection);
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    private static async Task<List<string>> Texts(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var asks = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            asks.Parameters.Add(new NpgsqlParameter { Value = argument });
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var texts = new List<string>();
        while (await rows.ReadAsync(cancel))
            texts.Add(rows.GetString(0));
        return texts;
    }
}
