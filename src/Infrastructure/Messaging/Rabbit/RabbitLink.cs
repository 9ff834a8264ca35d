using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>
/// A connection to the broker that is made again whenever it is gone. The client's own recovery is off: it mends neither
/// a first connection that fails, nor a channel that was closed, nor a consumer whose queue was deleted.
/// </summary>
/// <param name="use">What it is for, as the broker's operator sees it.</param>
internal sealed partial class RabbitLink(
    string use, Uri url, RabbitTopology topology, TimeProvider clock, ILogger<RabbitLink> log) : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private readonly ConnectionFactory factory = new()
    {
        Uri = url,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
        ContinuationTimeout = TimeSpan.FromSeconds(20),
        ClientProvidedName = $"EventFiles {use}, {Environment.MachineName}/{Environment.ProcessId}",
    };

    private IConnection? connection;

    /// <summary>A new channel, and everything declared. Waits for the broker as long as it takes.</summary>
    /// <param name="options">Makes those of one channel; without it the client's own.</param>
    public Task<IChannel> OpenChannel(Func<CreateChannelOptions>? options, CancellationToken cancel) =>
        Open(options, topology.Declare, cancel);

    /// <summary>A new channel for what was declared before. Waits for the broker as long as it takes.</summary>
    public Task<IChannel> OpenChannelOnly(CancellationToken cancel) => Open(null, (_, _) => Task.CompletedTask, cancel);

    /// <summary>Ends a channel, whatever state it is in: its connection may have gone before it.</summary>
    public async Task Close(IChannel channel)
    {
        var hasEnded = await Ends(async () =>
        {
            await channel.AbortAsync();
            await channel.DisposeAsync();
        });
        if (!hasEnded)
            await Drop();
    }

    /// <summary>Ends the connection that a channel is on: it does not answer.</summary>
    public Task Drop() => Drop(connection);

    public async ValueTask DisposeAsync()
    {
        await Drop();
        gate.Dispose();
    }

    private async Task<IChannel> Open(
        Func<CreateChannelOptions>? options, Func<IChannel, CancellationToken, Task> declare, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            IConnection? over = null;
            try
            {
                over = await Connected(cancel);
                var channel = await over.CreateChannelAsync(options?.Invoke(), cancel);
                await declare(channel, cancel);
                return channel;
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                Away(log, why, use, failures);
                // A broker that does not answer in time may never do so on this connection.
                if (why is TimeoutException or OperationCanceledException)
                    await Drop(over);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
            }
        }
    }

    private async Task<IConnection> Connected(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (connection is { IsOpen: true })
                return connection;
            var gone = connection;
            connection = null;
            await End(gone);
            return connection = await factory.CreateConnectionAsync(cancel);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task Drop(IConnection? which)
    {
        if (which is null)
            return;
        await gate.WaitAsync();
        try
        {
            if (!ReferenceEquals(which, connection))
                return;
            connection = null;
        }
        finally
        {
            gate.Release();
        }

        await End(which);
    }

    private async Task End(IConnection? which)
    {
        if (which is null)
            return;
        await Ends(async () =>
        {
            await which.AbortAsync(Farewell);
            await which.DisposeAsync();
        });
    }

    // The client may wait for ever for the end of what the broker has ended, and everybody waits for who waits for that.
    private async Task<bool> Ends(Func<Task> end)
    {
        try
        {
            await end().WaitAsync(2 * Farewell, clock);
        }
        catch (TimeoutException why)
        {
            LeftBehind(log, why, use);
            return false;
        }
        catch (Exception why)
        {
            OverAlready(log, why, use);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is out of reach for the {Use} (failure {Failures}); trying again")]
    private static partial void Away(ILogger log, Exception why, string use, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the {Use} had at the broker does not end; it is left behind")]
    private static partial void LeftBehind(ILogger log, Exception why, string use);

    [LoggerMessage(Level = LogLevel.Debug, Message = "What the {Use} had at the broker was over before it could be closed")]
    private static partial void OverAlready(ILogger log, Exception why, string use);
}
