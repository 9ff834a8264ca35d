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
    public async Task<IChannel> OpenChannel(CreateChannelOptions? options, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            IConnection? over = null;
            try
            {
                over = await Connected(cancel);
                var channel = await over.CreateChannelAsync(options, cancel);
                await topology.Declare(channel, cancel);
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

    /// <summary>Ends a channel, whatever state it is in: its connection may have gone before it.</summary>
    public static async Task Close(IChannel channel)
    {
        try
        {
            await channel.AbortAsync();
            await channel.DisposeAsync();
        }
        catch (Exception)
        {
            // It was over already, or is now.
        }
    }

    /// <summary>Ends the connection that a channel is on: it does not answer.</summary>
    public Task Drop() => Drop(connection);

    public async ValueTask DisposeAsync()
    {
        await Drop();
        gate.Dispose();
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

    private static async Task End(IConnection? which)
    {
        if (which is null)
            return;
        try
        {
            await which.AbortAsync(Farewell);
            await which.DisposeAsync();
        }
        catch (Exception)
        {
            // It was over already, or is now.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is out of reach for the {Use} (failure {Failures}); trying again")]
    private static partial void Away(ILogger log, Exception why, string use, int failures);
}
