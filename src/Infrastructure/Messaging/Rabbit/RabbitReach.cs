using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>Asks the broker for a queue of ours, on a connection of its own: it may be silent on one that is full.</summary>
internal sealed class RabbitReach(RabbitLink link) : IDependency, IAsyncDisposable
{
    private IChannel? channel;

    public string Name => "broker";

    public async Task Ask(CancellationToken cancel)
    {
        try
        {
            if (channel is not { IsOpen: true })
                channel = await link.OpenChannel(null, cancel);
            await channel.QueueDeclarePassiveAsync(RabbitTopology.Dead, cancel);
        }
        catch
        {
            // One that was frozen may never answer on this connection.
            channel = null;
            await link.Drop();
            throw;
        }
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();
}
