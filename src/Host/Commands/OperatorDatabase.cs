using System.Net.Sockets;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary>
/// The database of a server, for an operator's command. In a data folder it is the running server's when there is one,
/// else started for the time of the command.
/// </summary>
internal sealed class OperatorDatabase : IAsyncDisposable
{
    private readonly DataFolder? taken;
    private readonly PrivatePostgres? started;

    private OperatorDatabase(string connectionString, bool isServed, DataFolder? taken = null, PrivatePostgres? started = null)
    {
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "eventfiles command" }.ConnectionString;
        Source = NpgsqlDataSource.Create(ConnectionString);
        IsServed = isServed;
        this.taken = taken;
        this.started = started;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>With its password, for what opens connections of its own.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether a server is running on it.</summary>
    public bool IsServed { get; }

    /// <summary>
    /// Reaches a server's database: as the role that a running server has, or as the owner when no start may have given
    /// that role its rights yet.
    /// </summary>
    /// <exception cref="EmbeddedException">There is none, it cannot be reached, or half a log is in it.</exception>
    public static Task<OperatorDatabase> Open(Settings settings, CancellationToken cancel) =>
        settings.IsEmbedded ? InFolder(settings.DataFolder, PrivatePostgres.RunningUrl, cancel) : Elsewhere(settings, cancel);

    /// <summary>The same in a data folder as the owner, who may change the schema.</summary>
    /// <exception cref="EmbeddedException">There is no such data folder.</exception>
    public static Task<OperatorDatabase> OpenAsOwner(string data, CancellationToken cancel) =>
        InFolder(data, PrivatePostgres.RunningOwnerUrl, cancel);

    /// <summary>An up-to-date database as its owner, for nobody but this command.</summary>
    /// <exception cref="EmbeddedException">A server runs on it, it cannot be reached, or the settings do not name its owner.</exception>
    /// <exception cref="SchemaException">It is not one of ours, or a newer one.</exception>
    public static async Task<OperatorDatabase> OpenToFill(Settings settings, CancellationToken cancel)
    {
        if (!settings.IsEmbedded)
            return await Reach(settings, logins => AsOwner(settings, logins, cancel), cancel);
        var folder = DataFolder.Take(settings.DataFolder);
        var cluster = await PrivatePostgres.Start(folder.Postgres, cancel);
        var database = new OperatorDatabase(cluster.ConnectionString, isServed: false, folder, cluster);
        return await Opened(database, () => EventStoreSchema.Migrate(database.Source, PrivatePostgres.ApplicationRole, cancel));
    }

    /// <summary>Asks something of a database elsewhere; what it answers to the connection is told in plain words.</summary>
    /// <exception cref="EmbeddedException">It cannot be reached.</exception>
    public static async Task<T> Reach<T>(Settings settings, Func<DatabaseLogins, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask(await DatabaseLogins.Of(settings.Database!, settings.DatabaseOwner, cancel));
        }
        catch (PostgresException refused) when (Ground.IsFinal(refused))
        {
            throw new EmbeddedException($"PostgreSQL at {Ground.Place(settings)} refuses: {refused.MessageText}.");
        }
        catch (Exception away) when (away is SocketException or TimeoutException || (away is NpgsqlException and not PostgresException))
        {
            throw new EmbeddedException($"PostgreSQL at {Ground.Place(settings)} does not answer: {away.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (started is not null)
            await started.DisposeAsync();
        taken?.Dispose();
    }

    private static async Task<OperatorDatabase> AsOwner(Settings settings, DatabaseLogins logins, CancellationToken cancel)
    {
        var owner = logins.Owner ?? throw new EmbeddedException("The settings do not name the owner: DATABASE_OWNER_URL.");
        await logins.Prepare(cancel);
        await using var source = NpgsqlDataSource.Create(logins.Application);
        return await Presence.IsAnybodyOn(source, cancel)
            ? throw new EmbeddedException($"A server runs on {Ground.Place(settings)}. Stop it first.")
            : new OperatorDatabase(owner, isServed: false);
    }

    private static Task<OperatorDatabase> Elsewhere(Settings settings, CancellationToken cancel) => Reach(
        settings,
        async logins =>
        {
            var login = logins.Owner is null || await logins.LetsIn(cancel) ? logins.Application : logins.Owner;
            await using var source = NpgsqlDataSource.Create(login);
            await LogFileCommands.CheckIsWhole(source, Ground.Place(settings), cancel);
            return new OperatorDatabase(login, await Presence.IsAnybodyOn(source, cancel));
        },
        cancel);

    private static async Task<OperatorDatabase> InFolder(string data, Func<string, string?> urlOf, CancellationToken cancel)
    {
        if (!Directory.Exists(DataFolder.PostgresIn(data)))
            throw new EmbeddedException($"There is no EventFiles data in {Path.GetFullPath(data)}. Name the folder with --data, or the settings of a server with --env-file.");
        if (DataFolder.IsTaken(Path.GetFullPath(data)))
        {
            var url = urlOf(DataFolder.PostgresIn(data))
                ?? throw new EmbeddedException("The server on this data folder is just starting or stopping. Try again.");
            return new OperatorDatabase(DatabaseUrl.Read(url).ConnectionString, isServed: true);
        }

        var folder = DataFolder.Take(data);
        var cluster = await PrivatePostgres.Start(folder.Postgres, cancel);
        var database = new OperatorDatabase(cluster.ConnectionString, isServed: false, folder, cluster);
        return await Opened(database, () => LogFileCommands.CheckIsWhole(database.Source, folder.Path, cancel));
    }

    private static async Task<OperatorDatabase> Opened(OperatorDatabase database, Func<Task> check)
    {
        try
        {
            await check();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
