using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The event store's own connections. They are not reset between uses, which saves every append six statements:
/// nothing here may leave session state behind, and nobody else borrows from this pool.
/// </summary>
internal sealed class EventPool : IAsyncDisposable, IDisposable
{
    // Far more than lanes (ADR 21): those who wait for somebody's lock keep theirs meanwhile.
    private const int MostAppends = 16;

    // What a burst has opened is closed again.
    private const int IdleSeconds = 10;
    private const int PruningSeconds = 2;

    private readonly string aside;

    public EventPool(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            NoResetOnClose = true,
            Enlist = false,
            ConnectionIdleLifetime = IdleSeconds,
            ConnectionPruningInterval = PruningSeconds,
        };
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
        var appends = Math.Min(settings.MaxPoolSize / 2, MostAppends);
        Source = Pool(settings, settings.MaxPoolSize - appends);
        Appends = Pool(settings, appends);
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

    /// <summary>
    /// Of the appends alone. A pool uses all its connections in turn, and a server's process that was not used for a while
    /// takes half as long again: what many readers once opened must not be gone through by the few that append.
    /// </summary>
    public NpgsqlDataSource Appends { get; }

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

    /// <summary>
    /// For an exception filter of whoever asks the server: when a connection broke, none of them leads anywhere, and nobody
    /// else is to find that out by failing.
    /// </summary>
    /// <returns>False, so that nothing is caught.</returns>
    public bool Clears(Exception failed)
    {
        if (failed is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
            or (NpgsqlException and not PostgresException and not { InnerException: TimeoutException }))
            Clear();
        return false;
    }

    /// <summary>After the server was away: no connection that is open leads anywhere.</summary>
    public void Clear()
    {
        Source.Clear();
        Appends.Clear();
    }

    public void Dispose()
    {
        Source.Dispose();
        Appends.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Appends.DisposeAsync();
    }

    private static NpgsqlDataSource Pool(NpgsqlConnectionStringBuilder settings, int connections) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxPoolSize = connections });
}
