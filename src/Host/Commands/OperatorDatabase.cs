using EventFiles.Infrastructure.Embedded;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary>
/// The database of a data folder, for an operator's command: the running server's when there is one, else started for
/// the time of the command.
/// </summary>
internal sealed class OperatorDatabase : IAsyncDisposable
{
    private readonly DataFolder? taken;
    private readonly PrivatePostgres? started;

    private OperatorDatabase(string connectionString, DataFolder? taken, PrivatePostgres? started)
    {
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "eventfiles command" }.ConnectionString;
        Source = NpgsqlDataSource.Create(ConnectionString);
        this.taken = taken;
        this.started = started;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>With its password, for what opens connections of its own.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether a server is running on the folder.</summary>
    public bool IsServed => started is null;

    /// <summary>
    /// Reaches the database that belongs to a data folder: as the role that a running server has, or as the owner when
    /// nobody else is there and no start may have given that role its rights yet.
    /// </summary>
    /// <exception cref="EmbeddedException">There is no such data folder, or half a log is in it.</exception>
    public static Task<OperatorDatabase> Open(string data, CancellationToken cancel) =>
        Open(data, PrivatePostgres.RunningUrl, cancel);

    /// <summary>The same as the owner, who may change the schema.</summary>
    /// <exception cref="EmbeddedException">There is no such data folder.</exception>
    public static Task<OperatorDatabase> OpenAsOwner(string data, CancellationToken cancel) =>
        Open(data, PrivatePostgres.RunningOwnerUrl, cancel);

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (started is not null)
            await started.DisposeAsync();
        taken?.Dispose();
    }

    private static async Task<OperatorDatabase> Open(string data, Func<string, string?> urlOf, CancellationToken cancel)
    {
        if (!Directory.Exists(DataFolder.PostgresIn(data)))
            throw new EmbeddedException($"There is no EventFiles data in {Path.GetFullPath(data)}. Name the folder with --data.");
        if (DataFolder.IsTaken(Path.GetFullPath(data)))
        {
            var url = urlOf(DataFolder.PostgresIn(data))
                ?? throw new EmbeddedException("The server on this data folder is just starting or stopping. Try again.");
            return new OperatorDatabase(DatabaseUrl.Read(url).ConnectionString, null, null);
        }

        var folder = DataFolder.Take(data);
        var cluster = await PrivatePostgres.Start(folder.Postgres, cancel);
        var database = new OperatorDatabase(cluster.ConnectionString, folder, cluster);
        try
        {
            await LogFileCommands.CheckIsWhole(database.Source, folder, cancel);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
