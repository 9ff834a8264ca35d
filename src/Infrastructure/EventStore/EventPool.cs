using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The event store's own connections. They are not reset between uses, which saves every append six statements:
/// nothing here may leave session state behind, and nobody else borrows from this pool.
/// </summary>
internal sealed class EventPool : IAsyncDisposable, IDisposable
{
    private readonly string alone;

    public EventPool(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true, Enlist = false };
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 40;
            settings.AutoPrepareMinUsages = 2;
        }

        // The append function counts on seeing what others committed while it waited for a lock.
        settings.Options = string.Join(
            ' ',
            $"-c idle_in_transaction_session_timeout={EventStoreSchema.IdleLimit}",
            @"-c default_transaction_isolation=read\ committed",
            settings.Options).TrimEnd();
        Source = NpgsqlDataSource.Create(settings);
        alone = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, KeepAlive = 5 }.ConnectionString;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>A session of its own that ends when the connection is closed: for what lives as long as a session does.</summary>
    public async Task<NpgsqlConnection> OpenAlone(CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(alone);
        try
        {
            await connection.OpenAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => Source.Dispose();

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
