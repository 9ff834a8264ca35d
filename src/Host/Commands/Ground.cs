using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary>What a node stands on, held for as long as it runs: its data folder, a database of its own or one elsewhere.</summary>
internal sealed class Ground : IAsyncDisposable
{
    private readonly DataFolder? taken;
    private readonly PrivatePostgres? started;

    private Ground(Node node, DataFolder? taken, PrivatePostgres? started) =>
        (Node, this.taken, this.started) = (node, taken, started);

    public Node Node { get; }

    /// <summary>Takes the folder, starts or reaches the database, and brings its schema up to date.</summary>
    /// <exception cref="EmbeddedException">Something is in the way that the person at the terminal can remove.</exception>
    /// <exception cref="SchemaException">The database is not as it must be.</exception>
    public static Task<Ground> Prepare(Settings settings, CancellationToken cancel) =>
        settings.IsEmbedded ? Own(settings, cancel) : Elsewhere(settings, cancel);

    public async ValueTask DisposeAsync()
    {
        if (started is not null)
            await started.DisposeAsync();
        taken?.Dispose();
    }

    private static async Task<Ground> Own(Settings settings, CancellationToken cancel)
    {
        var folder = DataFolder.Take(settings.DataFolder);
        try
        {
            folder.TieTo(null);
            var postgres = await PrivatePostgres.Start(folder.Postgres, cancel);
            var ground = new Ground(
                new Node
                {
                    Settings = settings,
                    Database = postgres.Application,
                    ObjectsFolder = folder.Objects,
                    KeysFolder = folder.Keys,
                },
                folder,
                postgres);
            try
            {
                await using var owner = NpgsqlDataSource.Create(postgres.ConnectionString);
                await EventStoreSchema.Migrate(owner, PrivatePostgres.ApplicationRole, cancel);
                await LogFileCommands.CheckIsWhole(owner, folder.Path, cancel);
                return ground;
            }
            catch
            {
                await ground.DisposeAsync();
                throw;
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static async Task<Ground> Elsewhere(Settings settings, CancellationToken cancel)
    {
        var folder = settings.S3 is null ? DataFolder.Take(settings.DataFolder) : null;
        try
        {
            var logins = await Patiently(settings, cancel);
            var identity = await logins.Identity(cancel);
            folder?.TieTo(identity);
            var node = new Node
            {
                Settings = settings,
                Database = logins.Application,
                Installation = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..12],
                ObjectsFolder = DataFolder.ObjectsIn(settings.DataFolder),
            };
            return new Ground(node, folder, null);
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    // A database that starts beside us takes its time. One that says no does not change its mind.
    private static async Task<DatabaseLogins> Patiently(Settings settings, CancellationToken cancel)
    {
        var where = Place(settings);
        var since = TimeProvider.System.GetTimestamp();
        for (var hasSaid = false; ; hasSaid = true)
        {
            try
            {
                var logins = await DatabaseLogins.Of(settings.Database!, settings.DatabaseOwner, cancel);
                await logins.Prepare(cancel);
                await using var application = NpgsqlDataSource.Create(logins.Application);
                await LogFileCommands.CheckIsWhole(application, where, cancel);
                await CheckKeepsCommits(application, where, cancel);
                return logins;
            }
            catch (PostgresException refused) when (IsFinal(refused))
            {
                throw new EmbeddedException($"PostgreSQL at {where} refuses: {refused.MessageText}.");
            }
            catch (Exception away) when (away is NpgsqlException or SocketException or TimeoutException)
            {
                var waited = TimeProvider.System.GetElapsedTime(since);
                if (waited > settings.StartTimeout)
                    throw new EmbeddedException(FormattableString.Invariant($"PostgreSQL at {where} did not answer within {settings.StartTimeout.TotalSeconds:0} s: {away.Message}"));
                if (!hasSaid)
                    await Console.Error.WriteLineAsync(FormattableString.Invariant($"PostgreSQL at {where} does not answer yet; waiting up to {settings.StartTimeout.TotalSeconds:0} s: {away.Message}"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), cancel);
        }
    }

    // Every yes means that it lasts. A server that answers before it has written loses the last yeses when it crashes.
    private static async Task CheckKeepsCommits(NpgsqlDataSource database, string where, CancellationToken cancel)
    {
        await using var asks = database.CreateCommand("show synchronous_commit");
        if (await asks.ExecuteScalarAsync(cancel) is "off")
            throw new EmbeddedException($"PostgreSQL at {where} has synchronous_commit off: a crash would lose what was acknowledged. Switch it on, for the server or for this database.");
    }

    /// <summary>Whether asking again would not help: a wrong password, a missing database, a missing right.</summary>
    public static bool IsFinal(PostgresException refused) =>
        refused.SqlState.StartsWith("28", StringComparison.Ordinal)
        || refused.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege;

    /// <summary>Where the database is, for messages.</summary>
    public static string Place(Settings settings)
    {
        if (settings.IsEmbedded)
            return Path.GetFullPath(settings.DataFolder);
        var database = new NpgsqlConnectionStringBuilder(settings.Database);
        return FormattableString.Invariant($"{database.Host}:{database.Port}/{database.Database}");
    }
}
