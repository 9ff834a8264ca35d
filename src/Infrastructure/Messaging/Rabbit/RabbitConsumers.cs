using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>
/// Takes work from the broker, a bounded number of pieces of each kind, and lets go of each when it is over: done and
/// committed, given up and written down, or confirmed as waiting for its next try. Whatever happens before that, the broker
/// hands it out again.
/// </summary>
internal sealed partial class RabbitConsumers(
    RabbitLink link, RabbitTopology topology, RabbitQueue queue, Worker worker, WorkLanes lanes, IReadPosition readers,
    MessagingSettings settings, TimeProvider clock, ILogger<RabbitConsumers> log) : IHostedService, IAsyncDisposable
{
    private const ushort DeadAtOnce = 10;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource leaving = new();
    private readonly CancellationTokenSource stopping = new();
    private Task consuming = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lanes.Open(Run);
        consuming = Task.WhenAll(topology.Kinds.Select(kind => Follow(
                RabbitTopology.QueueOf(kind), (ushort)Math.Min(ushort.MaxValue, settings.ConcurrencyFor(kind) * settings.TakenPerRunning), Take, leaving.Token))
            .Append(Follow(RabbitTopology.Dead, DeadAtOnce, Bury, leaving.Token)));
        return Task.CompletedTask;
    }

    /// <summary>Takes no more, lets what runs end, and leaves the rest to others.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var drained = lanes.Stop();
        await leaving.CancelAsync();
        await consuming;
        try
        {
            await drained.WaitAsync(settings.StopWithin, clock, cancellationToken);
        }
        catch (Exception why) when (why is TimeoutException or OperationCanceledException)
        {
            CutShort(log, lanes.Running);
            await stopping.CancelAsync();
            await Task.WhenAny(drained, Task.Delay(LastWords, clock, CancellationToken.None));
        }

        await link.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        leaving.Dispose();
        stopping.Dispose();
    }

    // For ever: whatever ends it, it begins again. A channel that is left for good stays open for what still runs.
    private async Task Follow(string name, ushort taken, Func<Delivered, Task> take, CancellationToken leave)
    {
        try
        {
            while (!readers.IsCaughtUp)
                await Task.Delay(Glance, clock, leave);
            var wasIdle = false;
            while (!leave.IsCancellationRequested)
            {
                var channel = wasIdle ? await link.OpenChannelOnly(leave) : await link.OpenChannel(null, leave);
                wasIdle = false;
                try
                {
                    wasIdle = await Consume(channel, name, taken, take, leave);
                }
                catch (Exception why) when (!leave.IsCancellationRequested)
                {
                    Ended(log, why, name);
                }

                if (leave.IsCancellationRequested)
                    return;
                await link.Close(channel);
                if (!wasIdle)
                    await Task.Delay(Backoff.ForServers.After(1), clock, leave);
            }
        }
        catch (Exception) when (leave.IsCancellationRequested)
        {
            // It ends here.
        }
    }

    // Until the broker ends it, and then false, or until it is idle.
    private async Task<bool> Consume(IChannel channel, string name, ushort taken, Func<Delivered, Task> take, CancellationToken leave)
    {
        var over = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, told) => End(told.ReplyText);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => End("The queue is gone.");
        var hand = new Hand();
        consumer.ReceivedAsync += (_, args) => take(hand.Take(new Delivered(
            Envelope.Read(RabbitTopology.KindOf(args.RoutingKey), args.BasicProperties, args.Body, clock.GetUtcNow()),
            channel, args.DeliveryTag)));
        await channel.BasicQosAsync(0, taken, global: false, leave);
        var tag = await channel.BasicConsumeAsync(name, autoAck: false, consumer, leave);
        try
        {
            if (await Over(over.Task, hand, leave) is not { } why)
                return true;
            ConsumerEnded(log, name, why);
        }
        catch (OperationCanceledException)
        {
            using var soon = new CancellationTokenSource(LastWords, clock);
            await channel.BasicCancelAsync(tag, noWait: false, soon.Token);
        }

        return false;

        Task End(string why)
        {
            over.TrySetResult(why);
            return Task.CompletedTask;
        }
    }

    // Why it is over; null when nothing came for a while and nothing is in hand. To a broker that makes a queue again while
    // its end is still under way a consumer may be unknown, or known and given nothing, or given what never arrives, and
    // nothing tells so. A channel that ends makes it hand out again whatever it believes to be there.
    private async Task<string?> Over(Task<string> over, Hand hand, CancellationToken leave)
    {
        while (true)
        {
            var before = hand.Taken;
            try
            {
                return await over.WaitAsync(IdleAfter, clock, leave);
            }
            catch (TimeoutException)
            {
                if (hand.Taken == before && hand.IsEmpty)
                    return null;
            }
        }
    }

    private Task Take(Delivered delivered)
    {
        lanes[delivered.Message.Kind].Add(delivered, TimeSpan.Zero);
        return Task.CompletedTask;
    }

    private async Task Run(Delivery delivery)
    {
        var delivered = (Delivered)delivery;
        try
        {
            // What the broker took back while it waited here is another's, or comes again.
            if (delivered.IsHeld && await IsOver(delivered))
            {
                KillPoint.Reach("work.not-acknowledged");
                await Acknowledge(delivered);
                KillPoint.Reach("work.acknowledged");
            }
        }
        catch (Exception why)
        {
            if (!stopping.IsCancellationRequested)
                NotRun(log, why, delivered.Message.Type);
        }
        finally
        {
            delivered.Done.TrySetResult();
        }
    }

    private async Task<bool> IsOver(Delivered delivered)
    {
        var (message, tries, _, left, traceParent) = delivered.Envelope;
        if (left > TimeSpan.Zero)
        {
            await queue.Postpone(delivered.Envelope, left, stopping.Token);
            return true;
        }

        // Work reads views, and what it follows from should show in those of this node too.
        await readers.Reached(message.Position, FeedSubscription.LongestLook, stopping.Token);
        var end = await worker.Try(
            message, tries + 1, TraceContext.Of(traceParent, message.CorrelationId), stopping.Token);
        if (end.Ending is Ending.Again or Ending.Elsewhere)
        {
            var tried = end.Ending == Ending.Again ? tries + 1 : tries;
            await queue.Postpone(delivered.Envelope with { Tries = tried }, end.Wait, stopping.Token);
        }

        return end.Ending != Ending.Stopped;
    }

    // Whoever took it so often never came to its end. The broker keeps it until it is written down.
    private Task Bury(Delivered delivered)
    {
        _ = Task.Run(async () =>
        {
            try
            {
                await worker.GiveUp(
                    delivered.Message, delivered.Envelope.Tries + RabbitTopology.DeliveryLimit,
                    "Handed out again and again, and no worker came to its end", stopping.Token);
                await Acknowledge(delivered);
            }
            catch (Exception why)
            {
                if (!stopping.IsCancellationRequested)
                    NotRun(log, why, delivered.Message.Type);
            }
            finally
            {
                delivered.Done.TrySetResult();
            }
        });
        return Task.CompletedTask;
    }

    private async Task Acknowledge(Delivered delivered)
    {
        try
        {
            await delivered.Acknowledge();
        }
        catch (Exception why)
        {
            // The broker has taken it back already. It comes again, and is found done.
            NotAcknowledged(log, why, delivered.Message.Type);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Queue} cannot be followed; trying again")]
    private static partial void Ended(ILogger log, Exception why, string queue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker hands out nothing more of {Queue}: {Why}; trying again")]
    private static partial void ConsumerEnded(ILogger log, string queue, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} could not be brought to its end; the broker hands it out again")]
    private static partial void NotRun(ILogger log, Exception why, string work);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Work} is over, but the broker could not be told")]
    private static partial void NotAcknowledged(ILogger log, Exception why, string work);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The workers stop while {Running} pieces of work still run: they are cancelled")]
    private static partial void CutShort(ILogger log, int running);
}

/// <summary>What one consumer was given, and what it has not let go of.</summary>
internal sealed class Hand
{
    private long taken;
    private long over;

    public long Taken => Volatile.Read(ref taken);

    public bool IsEmpty => Volatile.Read(ref over) == Taken;

    public Delivered Take(Delivered delivered)
    {
        Interlocked.Increment(ref taken);
        _ = delivered.Done.Task.ContinueWith(
            _ => Interlocked.Increment(ref over), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return delivered;
    }
}

/// <summary>A message that the broker has handed out and keeps until it is told that it is over.</summary>
internal sealed class Delivered(Envelope envelope, IChannel channel, ulong tag) : Delivery(envelope.Message, envelope.Since)
{
    public Envelope Envelope => envelope;

    /// <summary>Whether it is still ours.</summary>
    public bool IsHeld => channel.IsOpen;

    /// <summary>Tells the broker that it is over.</summary>
    public ValueTask Acknowledge() => channel.BasicAckAsync(tag, multiple: false);
}
