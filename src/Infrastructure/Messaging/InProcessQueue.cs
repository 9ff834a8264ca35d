using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// The work queue inside one process. There is no broker that could keep work over a crash: <see cref="Enqueue"/>
/// completes only when the work is done or a dead letter, and whoever hands it over remembers it until then. A handler
/// must therefore not wait for work of its own kind.
/// </summary>
internal sealed partial class InProcessQueue : IWorkQueue, IMessageQueue, IHostedService, IDisposable
{
    private readonly WorkFormat format;
    private readonly Worker worker;
    private readonly MessagingSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger<InProcessQueue> log;
    private readonly WorkLanes lanes;
    private readonly CancellationTokenSource stopping = new();

    public InProcessQueue(
        WorkFormat format, Worker worker, WorkLanes lanes, MessagingSettings settings, TimeProvider clock,
        ILogger<InProcessQueue> log)
    {
        (this.format, this.worker, this.lanes, this.settings, this.clock, this.log) = (format, worker, lanes, settings, clock, log);
        lanes.Open(Run);
    }

    public Task Enqueue(WorkItem item, CancellationToken cancel) => Send(format.Write(item), item.NotBefore, cancel);

    /// <summary>Completes when the work is done or a dead letter; cancelled when the queue stops first.</summary>
    public Task Send(Message message, DateTimeOffset? notBefore, CancellationToken cancel)
    {
        var delivery = new Delivery(message, clock.GetUtcNow());
        Lane(message.Kind).Add(delivery, notBefore - delivery.Since is { } wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        return delivery.Done.Task.WaitAsync(cancel);
    }

    public WorkLane Lane(string kind) => lanes[kind];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What has not begun is left to be handed over again after the next start; what runs may end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await lanes.Stop().WaitAsync(settings.StopWithin, clock, cancellationToken);
        }
        catch (Exception why) when (why is TimeoutException or OperationCanceledException)
        {
            CutShort(log, lanes.Running);
            await stopping.CancelAsync();
        }
    }

    public void Dispose() => stopping.Dispose();

    private async Task Run(Delivery delivery)
    {
        var message = delivery.Message;
        var end = await worker.Try(message, ++delivery.Tries, TraceContext.Of(message.CorrelationId), stopping.Token);
        switch (end.Ending)
        {
            case Ending.Over:
                delivery.Done.TrySetResult();
                break;
            case Ending.Elsewhere:
                delivery.Tries--;
                Lane(message.Kind).Add(delivery, end.Wait);
                break;
            case Ending.Again:
                Lane(message.Kind).Add(delivery, end.Wait);
                break;
            case Ending.Stopped:
                delivery.Done.TrySetCanceled();
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue stops while {Running} pieces of work still run: they are cancelled")]
    private static partial void CutShort(ILogger log, int running);
}
