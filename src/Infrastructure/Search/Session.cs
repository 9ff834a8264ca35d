using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Search;

/// <summary>A transaction about one projection. What is not committed has not happened.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly IProjection projection;
    private readonly CancellationToken cancel;

    private Session(NpgsqlConnection connection, NpgsqlTransaction transaction, IProjection projection, CancellationToken cancel) =>
        (this.connection, this.transaction, this.projection, this.cancel) = (connection, transaction, projection, cancel);

    public NpgsqlConnection Connection => connection;

    public static async Task<Session> Begin(EventPool pool, IProjection projection, CancellationToken cancel)
    {
        var opened = await pool.Source.OpenConnectionAsync(cancel);
        try
        {
            var session = new Session(opened, await opened.BeginTransactionAsync(cancel), projection, cancel);
            // What follows from the log need not be safe before it is: after a crash it stands where its position says.
            await using var quick = new NpgsqlCommand("set local synchronous_commit = off", opened);
            await quick.ExecuteNonQueryAsync(cancel);
            return session;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether this store opened the projection last; until the end nobody else does.</summary>
    public async Task<bool> IsMine(string mark) => await Text(
        "select 'mine' from eventfiles.view_stores where projection = $1 and writer = $2 for share", mark) is not null;

    /// <summary>How many rows it changed. $1 is the projection's name.</summary>
    public async Task<int> Do(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<string?> Text(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    public async Task<IReadOnlyList<(PostgresGeneration Generation, bool IsLive, bool IsWhole)>> Generations(PostgresViewStore store)
    {
        var all = new List<(PostgresGeneration, bool, bool)>();
        await using var command = Command("select number, version, is_live, is_whole from eventfiles.view_generations where projection = $1", []);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            all.Add((store.Generation(projection, rows.GetInt32(0), rows.GetInt32(1)), rows.GetBoolean(2), rows.GetBoolean(3)));
        return all;
    }

    public Task Commit() => transaction.CommitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, object[] arguments)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }
}
