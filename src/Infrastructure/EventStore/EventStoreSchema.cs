using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>The event store's tables: brought to this program's version, never back.</summary>
public static class EventStoreSchema
{
    /// <summary>How long one of our sessions may sit in an open transaction: readers wait for it that long.</summary>
    internal const string IdleLimit = "60s";

    // Any number nobody else locks; it keeps two starting nodes from migrating at once.
    private const long MigrationLock = 0x4556454E54464C53;

    private static readonly (int Version, string Name)[] Scripts =
    [
        (1, "0001-marten.sql"),
        (2, "0002-private-rows-and-claims.sql"),
        (3, "0003-append.sql"),
        (20, "0020-projections.sql"),
    ];

    /// <summary>
    /// Applies what is missing, all or nothing. May be called by every node at every start: they wait for each other.
    /// </summary>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="NewerSchemaException">The database was migrated by a newer program.</exception>
    public static async Task<int> Migrate(NpgsqlDataSource dataSource, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        await using var connection = await dataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Run(connection, $"select pg_advisory_xact_lock({MigrationLock})", cancel);
        await Run(
            connection,
            """
            create schema if not exists eventfiles;
            create table if not exists eventfiles.schema_version
                (version int primary key, name text not null, applied_at timestamptz not null default now());
            """,
            cancel);
        await Run(connection, LimitIdleTransactions, cancel);

        var applied = (int[])(await Run(
            connection, "select coalesce(array_agg(version), '{}') from eventfiles.schema_version", cancel))!;
        var latest = Scripts[^1].Version;
        if (applied.Length > 0 && applied.Max() > latest)
            throw new NewerSchemaException(applied.Max(), latest);

        // Numbers are given out in stretches: a lower one may arrive after a higher one.
        var missing = Scripts.Where(script => !applied.Contains(script.Version)).ToList();
        foreach (var (version, name) in missing)
        {
            await Run(connection, Script(name), cancel);
            await using var note = new NpgsqlCommand(
                "insert into eventfiles.schema_version (version, name) values ($1, $2)", connection)
            {
                Parameters = { new() { Value = version }, new() { Value = name } },
            };
            await note.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return missing.Count;
    }

    // For every session of this role, also an operator's at a prompt.
    private const string LimitIdleTransactions =
        $"""
        do $$ begin
            execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
                current_user, current_database(), '{IdleLimit}');
        end $$
        """;

    private static async Task<object?> Run(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancel);
    }

    private static string Script(string name)
    {
        var resource = $"{typeof(EventStoreSchema).Namespace}.Schema.{name}";
        using var stream = typeof(EventStoreSchema).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The script {resource} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>A newer program has migrated the database; this one would misread it.</summary>
public sealed class NewerSchemaException(int stands, int known) : Exception(
    $"The database's schema is at version {stands}, this program knows versions up to {known}. Start the newer program.");
