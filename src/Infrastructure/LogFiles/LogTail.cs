using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// How far the log may be read by whoever follows it beside the program: a lower number may become visible after a higher
/// one, and nobody who reads up to here misses it.
/// </summary>
public sealed class LogTail : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly EventPool pool;
    private readonly SettledLog log;

    /// <summary>Connects when it is first asked.</summary>
    public LogTail(string connectionString)
    {
        pool = new EventPool(connectionString);
        log = new SettledLog(pool);
    }

    /// <summary>Waits until the log is settled beyond a position.</summary>
    /// <param name="position">-1 at first: then an empty log is enough.</param>
    /// <returns>The last position that is settled; 0 in an empty log.</returns>
    public async Task<long> Beyond(long position, CancellationToken cancel)
    {
        while (true)
        {
            while (await log.Advance(cancel))
            {
                // There may be more.
            }

            if (log.Settled > position)
                return log.Settled;
            await Task.Delay(BetweenLooks, cancel);
        }
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();
}
