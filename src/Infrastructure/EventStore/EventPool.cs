using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The event store's own connections. They are not reset between uses, which saves every append six statements:
/// nothing here may leave session state behind, and nobody else borrows from this pool.
/// </summary>
internal sealed class EventPool : IAsyncDisposable, IDisposable
{
    private readonly string aside;

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
        aside = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            MaxAutoPrepare = 0,
            Timeout = 3,
            // The server finds out within seconds that the other machine is gone.
            Options = $"{settings.Options} -c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2",
        }.ConnectionString;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>A connection of one's own, for what lives as long as it: locks of the session.</summary>
    public async Task<NpgsqlConnection> OpenAside(CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(aside);
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
