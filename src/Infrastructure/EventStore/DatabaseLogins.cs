using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.Security;
using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The two logins of a database elsewhere: the owner, who migrates, and the application's, which can only add to the log.
/// Whoever names the owner alone gets the other one made, under the name <c>DATABASE_app</c>, with a password that
/// follows from the owner's: every node finds the same, and none needs to keep it.
/// </summary>
public sealed class DatabaseLogins
{
    // PostgreSQL cuts longer names off.
    private const int NameBytes = 63;

    // A tag for psql's \du+, and for us: a role of that name that somebody else made is left alone.
    private const string Tag = "EventFiles: adds to the log of ";

    private DatabaseLogins(string? owner, string application) => (Owner, Application) = (owner, application);

    /// <summary>For Npgsql; null when the program was given no owner.</summary>
    public string? Owner { get; }

    /// <summary>For Npgsql.</summary>
    public string Application { get; }

    /// <summary>The login that is made for the owner's database.</summary>
    public static string Made(string owner)
    {
        var settings = new NpgsqlConnectionStringBuilder(owner);
        return new NpgsqlConnectionStringBuilder(owner)
        {
            Username = NameFor(settings.Database!),
            Password = Convert.ToHexStringLower(
                new SharedSecret(settings.Password ?? "").Derive($"database login: {settings.Database}", 24)),
        }.ConnectionString;
    }

    /// <summary>Finds out what the URLs are good for. Changes nothing.</summary>
    /// <param name="url">The owner's or the application's login, for Npgsql.</param>
    /// <param name="owner">The owner's, when <paramref name="url"/> is the application's.</param>
    public static async Task<DatabaseLogins> Of(string url, string? owner, CancellationToken cancel)
    {
        if (owner is not null)
            return new(owner, url);
        await using var database = NpgsqlDataSource.Create(url);
        // Whoever owns the events, or could make them, is the owner.
        await using var asks = database.CreateCommand(
            """
            select coalesce(
                (select pg_has_role(relowner, 'member') from pg_class where oid = to_regclass('public.mt_events')),
                has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create'))
            """);
        return await asks.ExecuteScalarAsync(cancel) is true ? new(url, Made(url)) : new(null, url);
    }

    /// <summary>
    /// Makes the application's login if it is ours to make, and brings the schema up to date; without an owner, checks
    /// that both are as they must be. Any number of nodes may do so at once.
    /// </summary>
    /// <exception cref="SchemaException">The database or one of the logins is not as it must be; the message says how to mend it.</exception>
    public async Task<IReadOnlyList<Migration>> Prepare(CancellationToken cancel)
    {
        var role = new NpgsqlConnectionStringBuilder(Application).Username!;
        if (Owner is not null)
        {
            await using var owner = NpgsqlDataSource.Create(Owner);
            if (Application == Made(Owner))
                await Make(owner, role, cancel);
            return await EventStoreSchema.Migrate(owner, role, cancel);
        }

        if ((await Pending(cancel)).Count > 0)
            throw new UnmigratedException(role);
        await using var application = NpgsqlDataSource.Create(Application);
        await using var asks = application.CreateCommand(
            "select has_table_privilege('mt_events', 'update') or has_table_privilege('mt_events', 'delete') or has_table_privilege('mt_events', 'truncate')");
        if (await asks.ExecuteScalarAsync(cancel) is true)
            throw new ApplicationRoleException($"The role {role} could change what is in the log.");
        return [];
    }

    /// <summary>What <see cref="Prepare"/> would apply. Changes nothing.</summary>
    /// <exception cref="SchemaException">The database is not one of ours, or a newer one.</exception>
    public async Task<IReadOnlyList<Migration>> Pending(CancellationToken cancel)
    {
        await using var database = NpgsqlDataSource.Create(Owner ?? Application);
        return await EventStoreSchema.Pending(database, cancel);
    }

    /// <summary>What tells a migrated database from all others, also after it was restored elsewhere.</summary>
    public async Task<string> Identity(CancellationToken cancel)
    {
        await using var application = NpgsqlDataSource.Create(Application);
        return await Identity(application, cancel);
    }

    /// <inheritdoc cref="Identity(CancellationToken)"/>
    public static async Task<string> Identity(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand(
            "select to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') from eventfiles.schema_version order by version limit 1");
        return (string)(await asks.ExecuteScalarAsync(cancel))!;
    }

    private static string NameFor(string database)
    {
        var name = database;
        while (Encoding.UTF8.GetByteCount(name) > NameBytes - 4)
            name = name[..^1];
        return name + "_app";
    }

    private async Task Make(NpgsqlDataSource owner, string role, CancellationToken cancel)
    {
        if (await LetsIn(cancel))
            return;
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var settings = new NpgsqlConnectionStringBuilder(Application);
        try
        {
            // The server gets what checks the password, not the password: statements stand in logs.
            await using var makes = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new($"select pg_advisory_xact_lock({EventStoreSchema.MigrationLock})"),
                    new("select set_config('eventfiles.role', $1, true), set_config('eventfiles.verifier', $2, true), set_config('eventfiles.tag', $3, true)")
                    {
                        Parameters =
                        {
                            new() { Value = role }, new() { Value = Verifier(settings.Password!) }, new() { Value = Tag + settings.Database },
                        },
                    },
                    new("""
                        do $$
                        declare
                            app text := current_setting('eventfiles.role');
                            tag text := current_setting('eventfiles.tag');
                        begin
                            if not exists (select from pg_roles where rolname = app) then
                                execute format('create role %I', app);
                                execute format('comment on role %I is %L', app, tag);
                            elsif shobj_description((select oid from pg_roles where rolname = app), 'pg_authid') is distinct from tag then
                                raise exception 'There is a role % that EventFiles has not made.', app using errcode = 'EF010';
                            end if;
                            execute format('alter role %I login password %L', app, current_setting('eventfiles.verifier'));
                        end $$
                        """),
                },
            };
            await makes.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        catch (PostgresException refused) when (refused.SqlState is EventStoreSchema.RefusedRole or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new ApplicationRoleException(refused.SqlState == EventStoreSchema.RefusedRole
                ? refused.MessageText
                : $"{new NpgsqlConnectionStringBuilder(Owner).Username} may not make the role {role} ({refused.MessageText}).");
        }
    }

    /// <summary>Whether the application's login is there.</summary>
    public async Task<bool> LetsIn(CancellationToken cancel)
    {
        try
        {
            await using var probe = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(Application) { Pooling = false }.ConnectionString);
            await probe.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("28", StringComparison.Ordinal)
            || refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }

    // RFC 5803, as PostgreSQL stores it.
    private static string Verifier(string password)
    {
        const int Rounds = 4096;
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Rounds}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}

/// <summary>The database has not been migrated to this program's version, and the program was not given the owner.</summary>
public sealed class UnmigratedException(string role) : SchemaException(
    $"The database's schema is older than this program, and {role} may not change it. " +
    "Run: eventfiles db migrate --owner-url URL, or name the owner with DATABASE_OWNER_URL.");
