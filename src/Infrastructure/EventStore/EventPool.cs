using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The event store's own connections. They are not reset between uses, which saves every append six statements:
/// nothing here may leave session state behind, and nobody else borrows from this pool.
/// </summary>
internal sealed class EventPool : IAsyncDisposable, IDisposable
{
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
    }

    public NpgsqlDataSource Source { get; }

    public void Dispose() => Source.Dispose();

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
