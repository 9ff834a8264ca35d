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

    private OperatorDatabase(NpgsqlDataSource source, DataFolder? taken, PrivatePostgres? started)
    {
        Source = source;
        this.taken = taken;
        this.started = started;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>Whether a server is running on the folder.</summary>
    public bool IsServed => started is null;

    /// <summary>Reaches the database that belongs to a data folder.</summary>
    /// <exception cref="EmbeddedException">There is no such data folder.</exception>
    public static async Task<OperatorDatabase> Open(string data, CancellationToken cancel)
    {
        if (!Directory.Exists(DataFolder.PostgresIn(data)))
            throw new EmbeddedException($"There is no EventFiles data in {Path.GetFullPath(data)}. Name the folder with --data.");
        if (DataFolder.IsTaken(Path.GetFullPath(data)))
        {
            var url = PrivatePostgres.RunningUrl(DataFolder.PostgresIn(data))
                ?? throw new EmbeddedException("The server on this data folder is just starting or stopping. Try again.");
            return new OperatorDatabase(NpgsqlDataSource.Create(ConnectionString(new Uri(url))), null, null);
        }

        var folder = DataFolder.Take(data);
        var cluster = await PrivatePostgres.Start(folder.Postgres, cancel);
        return new OperatorDatabase(NpgsqlDataSource.Create(cluster.ConnectionString), folder, cluster);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (started is not null)
            await started.DisposeAsync();
        taken?.Dispose();
    }

    private static string ConnectionString(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            Database = url.AbsolutePath.Trim('/'),
        }.ConnectionString;
    }
}
