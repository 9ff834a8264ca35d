using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>Publishes until the broker has confirmed, over as many outages as there are.</summary>
internal sealed partial class RabbitPublisher(
    RabbitLink link, MessagingSettings settings, TimeProvider clock, ILogger<RabbitPublisher> log) : IAsyncDisposable
{
    private const int AtOnce = 1000;

    private readonly SemaphoreSlim opening = new(1);
    private IChannel? current;

    /// <summary>
    /// Completes when a quorum of the queue has it. A message that no queue took is no success: the queue was deleted, and
    /// is made again.
    /// </summary>
    public async Task Publish(string exchange, string routingKey, Envelope envelope, TimeSpan? expires, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            var channel = await Channel(cancel);
            try
            {
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                soon.CancelAfter(settings.ConfirmWithin);
                var sent = channel.BasicPublishAsync(
                    exchange, routingKey, mandatory: true, envelope.Properties(expires), envelope.Body, soon.Token);
                KillPoint.Reach("relay.published");
                await sent;
                return;
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                NotConfirmed(log, why, routingKey, failures);
                // A refusal leaves the channel whole. After all else it is made anew, and with it what is missing.
                if (why is not PublishException { IsReturn: false })
                    await Discard(channel, isMute: why is OperationCanceledException);
            }

            await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        opening.Dispose();
    }

    private async Task<IChannel> Channel(CancellationToken cancel)
    {
        if (Volatile.Read(ref current) is { IsOpen: true } open)
            return open;
        await opening.WaitAsync(cancel);
        try
        {
            if (current is not { IsOpen: true })
            {
                // A channel takes its limiter along when it ends: the next needs one of its own.
                current = await link.OpenChannel(
                    () => new CreateChannelOptions(
                        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                        outstandingPublisherConfirmationsRateLimiter: new ConcurrencyLimiter(
                            new ConcurrencyLimiterOptions { PermitLimit = AtOnce, QueueLimit = int.MaxValue })),
                    cancel);
            }

            return current;
        }
        finally
        {
            opening.Release();
        }
    }

    // Others publish on it too: they fail, and publish again on the next.
    private async Task Discard(IChannel channel, bool isMute)
    {
        if (!ReferenceEquals(Interlocked.CompareExchange(ref current, null, channel), channel))
            return;
        if (isMute)
            await link.Drop();
        else
            await link.Close(channel);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The broker did not confirm a message to {RoutingKey} (failure {Failures}); trying again")]
    private static partial void NotConfirmed(ILogger log, Exception why, string routingKey, int failures);
}
