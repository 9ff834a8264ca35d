using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>The event store's tables: brought to this program's version, never back.</summary>
public static class EventStoreSchema
{
    /// <summary>How long one of our sessions may sit in an open transaction: readers wait for it that long.</summary>
    internal const string IdleLimit = "60s";

    // Any number nobody else locks; it keeps two starting nodes from migrating at once.
    internal const long MigrationLock = 0x4556454E54464C53;

    /// <summary>The error of a role that cannot be the application's.</summary>
    internal const string RefusedRole = "EF010";

    /// <summary>What <see cref="Migrate"/> would apply, in order. Changes nothing.</summary>
    /// <exception cref="NewerSchemaException">The database was migrated by a newer program.</exception>
    /// <exception cref="ForeignSchemaException">The database's tables are not ours.</exception>
    public static async Task<IReadOnlyList<Migration>> Pending(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await SchemaInspection.Of(connection, cancel)).Missing;
    }

    /// <summary>
    /// Applies what is missing, all or nothing. May be called by every node at every start: they wait for each other.
    /// </summary>
    /// <param name="owner">As the role that owns the tables.</param>
    /// <param name="application">
    /// The role that the program runs as, which gets what it needs and nothing more; null when it runs as somebody who
    /// may do everything.
    /// </param>
    /// <returns>What was applied.</returns>
    /// <exception cref="NewerSchemaException">The database was migrated by a newer program.</exception>
    /// <exception cref="ForeignSchemaException">The database's tables are not ours.</exception>
    /// <exception cref="ApplicationRoleException">There is no such role, or it is as mighty as the owner.</exception>
    public static async Task<IReadOnlyList<Migration>> Migrate(
        NpgsqlDataSource owner, string? application, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Run(connection, $"select pg_advisory_xact_lock({MigrationLock})", cancel);
        var found = await SchemaInspection.Of(connection, cancel);
        if (found.IsMartens)
            await Run(connection, Migration.ScriptNamed("adopt-marten.sql"), cancel);
        await Run(
            connection,
            """
            create schema if not exists eventfiles;
            create table if not exists eventfiles.schema_version
                (version int primary key, name text not null, applied_at timestamptz not null default now());
            """,
            cancel);
        foreach (var step in found.Missing)
        {
            await Run(connection, step.Script, cancel);
            await Run(connection, "insert into eventfiles.schema_version (version, name) values ($1, $2)", cancel, step.Version, step.Name);
        }

        await Run(connection, LimitIdleTransactions("current_user"), cancel);
        if (application is not null)
            await LetIn(connection, application, cancel);
        await transaction.CommitAsync(cancel);
        return found.Missing;
    }

    private static async Task LetIn(NpgsqlConnection connection, string application, CancellationToken cancel)
    {
        await Run(connection, "select set_config('eventfiles.application_role', $1, true)", cancel, application);
        try
        {
            await Run(connection, Migration.ScriptNamed("application-role.sql"), cancel);
        }
        catch (PostgresException refused) when (refused.SqlState is RefusedRole)
        {
            throw new ApplicationRoleException(refused.MessageText);
        }

        await Run(connection, LimitIdleTransactions("current_setting('eventfiles.application_role')"), cancel);
    }

    // For every session of the role, also an operator's at a prompt. An owner who may not set it for the other role leaves
    // it to the program, which sets it for its own sessions.
    private static string LimitIdleTransactions(string role) =>
        $"""
        do $$ begin
            execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
                {role}, current_database(), '{IdleLimit}');
        exception when insufficient_privilege then null;
        end $$
        """;

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>The program cannot work with this database; the message says why, for an operator.</summary>
public abstract class SchemaException(string message) : Exception(message);

/// <summary>A newer program has migrated the database; this one would misread it.</summary>
public sealed class NewerSchemaException(int stands, int known) : SchemaException(
    $"The database's schema is at version {stands}, this program knows versions up to {known}. Start the newer program.");

/// <summary>The database holds tables under our names that are not ours.</summary>
public sealed class ForeignSchemaException(string why) : SchemaException(
    $"This database is not one of EventFiles, and nothing in it was changed. {why} Name another database.");

/// <summary>The application's role cannot be used.</summary>
public sealed class ApplicationRoleException(string why) : SchemaException(
    $"{why} The program needs a login of its own that can only add to the log: create role NAME login password '…', " +
    "and name it with DATABASE_URL, the owner with DATABASE_OWNER_URL.");
