using System.Net.Sockets;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// What no piece of work is to blame for: the server on which all of it depends is away. Workers wait for it instead of
/// using up their tries.
/// </summary>
internal interface IOutage
{
    /// <summary>Whether a failure may come from that.</summary>
    bool MayBe(Exception why);

    /// <summary>Looks, and waits as long as it takes.</summary>
    /// <returns>Whether the server was away: false when it answered at once, so that something else is wrong.</returns>
    Task<bool> Over(CancellationToken cancel);
}

/// <summary>PostgreSQL is away, starting, stopping, or has no connection to spare.</summary>
internal sealed partial class DatabaseOutage(EventPool pool, TimeProvider clock, ILogger<DatabaseOutage> log) : IOutage, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim one = new(1);
    private long endedAt;

    public bool MayBe(Exception why) => why switch
    {
        PostgresException told => told.SqlState.StartsWith("08", StringComparison.Ordinal)
            || told.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
        NpgsqlException => true,
        SocketException => true,
        { InnerException: { } inner } => MayBe(inner),
        _ => false,
    };

    public async Task<bool> Over(CancellationToken cancel)
    {
        var since = clock.GetTimestamp();
        await one.WaitAsync(cancel);
        try
        {
            // Others that failed with us have waited for the end of it.
            if (Volatile.Read(ref endedAt) > since)
                return true;
            for (var failures = 1; !await Answers(cancel); failures++)
            {
                Away(log, failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
                Volatile.Write(ref endedAt, clock.GetTimestamp());
            }

            return endedAt > since;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<bool> Answers(CancellationToken cancel)
    {
        try
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            soon.CancelAfter(Patience);
            await using var command = pool.Source.CreateCommand("select 1");
            await command.ExecuteScalarAsync(soon.Token);
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer (look {Looks}): work waits for it")]
    private static partial void Away(ILogger log, int looks);
}
