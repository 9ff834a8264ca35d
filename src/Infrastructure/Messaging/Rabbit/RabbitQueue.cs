using System.Diagnostics;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>The work queue at a broker: <see cref="Enqueue"/> completes when the broker has confirmed.</summary>
internal sealed class RabbitQueue(WorkFormat format, RabbitPublisher publisher, RabbitTopology topology, TimeProvider clock) :
    IWorkQueue, IMessageQueue
{
    public Task Enqueue(WorkItem item, CancellationToken cancel) => Send(format.Write(item), item.NotBefore, cancel);

    public async Task Send(Message message, DateTimeOffset? notBefore, CancellationToken cancel)
    {
        if (!topology.Kinds.Contains(message.Kind))
            throw new InvalidOperationException($"There is no queue {message.Kind}.");
        var parent = TraceContext.Of(message.CorrelationId);
        using var span = Tracing.Source.StartActivity($"{message.Kind} publish", ActivityKind.Producer, parent);
        var now = clock.GetUtcNow();
        var envelope = new Envelope(message, 0, now, TimeSpan.Zero, span?.Id ?? TraceContext.Text(parent));
        if (notBefore > now)
            await Postpone(envelope, notBefore.Value - now, cancel);
        else
            await publisher.Publish(RabbitTopology.WorkExchange, message.Kind, envelope, null, cancel);
    }

    /// <summary>Completes when it waits at the broker, to be handed out again after that time.</summary>
    public Task Postpone(Envelope envelope, TimeSpan wait, CancellationToken cancel)
    {
        var (routingKey, expires) = topology.WaitFor(envelope.Message.Kind, wait);
        return publisher.Publish(RabbitTopology.WaitExchange, routingKey, envelope with { Left = wait - expires }, expires, cancel);
    }
}
