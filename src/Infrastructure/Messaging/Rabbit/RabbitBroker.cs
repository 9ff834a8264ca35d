using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>Asks the broker how its queues stand.</summary>
internal sealed class RabbitBroker(RabbitLink link, RabbitTopology topology, TimeProvider clock) : IBroker, IAsyncDisposable
{
    /// <summary>Work of any kind that waits at the broker for its next try or its time.</summary>
    public const string Waiting = "(waiting)";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private IChannel? channel;

    public async Task<IReadOnlyDictionary<string, BrokerDepth>> Look(CancellationToken cancel)
    {
        using var soon = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(soon.Token, cancel);
        if (channel is not { IsOpen: true })
            channel = await link.OpenChannel(null, either.Token);
        var depths = new Dictionary<string, BrokerDepth>(StringComparer.Ordinal);
        foreach (var kind in topology.Kinds)
            depths[kind] = await Depth(channel, RabbitTopology.QueueOf(kind), either.Token);
        var waiting = 0L;
        foreach (var queue in topology.WaitQueues)
            waiting += (await Depth(channel, queue, either.Token)).Ready;
        depths[Waiting] = new BrokerDepth(waiting, 0);
        return depths;
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();

    private static async Task<BrokerDepth> Depth(IChannel channel, string queue, CancellationToken cancel)
    {
        var found = await channel.QueueDeclarePassiveAsync(queue, cancel);
        return new BrokerDepth(found.MessageCount, found.ConsumerCount);
    }
}
