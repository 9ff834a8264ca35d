using System.Diagnostics;
using EventFiles.Infrastructure.Pipeline;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// The work queue inside one process. There is no broker that could keep work over a crash: <see cref="Enqueue"/>
/// completes only when the work is done or a dead letter, and whoever hands it over remembers it until then. A handler
/// must therefore not wait for work of its own kind.
/// </summary>
internal sealed partial class InProcessQueue : IWorkQueue, IHostedService, IDisposable
{
    private readonly WorkFormat format;
    private readonly DeadLetterBox deadLetters;
    private readonly MessagingMetrics metrics;
    private readonly MessagingSettings settings;
    private readonly IServiceScopeFactory scopes;
    private readonly TimeProvider clock;
    private readonly ILogger<InProcessQueue> log;
    private readonly Backoff backoff;
    private readonly Dictionary<string, WorkLane> lanes;
    private readonly CancellationTokenSource stopping = new();

    public InProcessQueue(
        WorkFormat format, DeadLetterBox deadLetters, MessagingMetrics metrics, MessagingSettings settings,
        IServiceScopeFactory scopes, TimeProvider clock, ILogger<InProcessQueue> log)
    {
        (this.format, this.deadLetters, this.metrics, this.settings) = (format, deadLetters, metrics, settings);
        (this.scopes, this.clock, this.log) = (scopes, clock, log);
        backoff = new Backoff(settings.FirstRetry, settings.LongestRetry);
        lanes = format.Kinds.ToDictionary(
            kind => kind,
            kind => new WorkLane(settings.ConcurrencyOf.GetValueOrDefault(kind, settings.Concurrency), Run, clock),
            StringComparer.Ordinal);
        metrics.Watch(lanes);
    }

    public Task Enqueue(WorkItem item, CancellationToken cancel) =>
        Send(format.Write(item), item.NotBefore).WaitAsync(cancel);

    /// <summary>Completes when the work is done or a dead letter; cancelled when the queue stops first.</summary>
    public Task Send(Message message, DateTimeOffset? notBefore)
    {
        var delivery = new Delivery(message);
        Lane(message.Kind).Add(delivery, notBefore ?? clock.GetUtcNow());
        return delivery.Done.Task;
    }

    public WorkLane Lane(string kind) => lanes[kind];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What has not begun is left to be handed over again after the next start; what runs may end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var drained = Task.WhenAll(lanes.Values.Select(lane => lane.Stop()));
        try
        {
            await drained.WaitAsync(settings.StopWithin, clock, cancellationToken);
        }
        catch (Exception why) when (why is TimeoutException or OperationCanceledException)
        {
            CutShort(log, lanes.Values.Sum(lane => lane.Running));
            await stopping.CancelAsync();
        }
    }

    public void Dispose()
    {
        foreach (var lane in lanes.Values)
            lane.Dispose();
        stopping.Dispose();
    }

    private async Task Run(Delivery delivery)
    {
        delivery.Tries++;
        try
        {
            var answer = await Do(delivery.Message, stopping.Token);
            if (answer.Refusal is { Kind: RejectionKind.Busy } busy)
                Failed(delivery, new TransientException($"Refused with {busy.Code}."), busy.RetryAfter);
            else
                delivery.Done.TrySetResult(); // Any other no is an answer too: asking again would not change it.
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            delivery.Done.TrySetCanceled();
        }
        catch (Exception why)
        {
            Failed(delivery, why, null);
        }
    }

    private async Task<Answer<Done>> Do(Message message, CancellationToken cancel)
    {
        using var span = Tracing.Source.StartActivity(message.Kind, ActivityKind.Consumer, Trace(message.CorrelationId));
        Origin.Current = new Origin(null, message.CorrelationId, message.CausationId) { Via = "work" };
        ReadYourWrites.Skip = true;
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(format.Read(message), cancel);
    }

    private void Failed(Delivery delivery, Exception why, TimeSpan? retryAfter)
    {
        var message = delivery.Message;
        if (delivery.Tries >= (why is TransientException ? settings.TransientTries : settings.UnexpectedTries))
        {
            metrics.GaveUp(message.Kind);
            deadLetters.Add(message, why, delivery.Tries);
            delivery.Done.TrySetResult();
            return;
        }

        var wait = backoff.After(delivery.Tries);
        if (retryAfter > wait)
            wait = retryAfter.Value;
        metrics.Retried(message.Kind);
        Retrying(log, message.Type, delivery.Tries, wait.TotalSeconds, why.GetType().Name);
        Lane(message.Kind).Add(delivery, clock.GetUtcNow() + wait);
    }

    // The request's trace goes on in the work that follows from it; its span has ended, so the parent is a nameless one.
    private static ActivityContext Trace(string? correlationId) =>
        correlationId is { Length: 32 } trace && trace.All(char.IsAsciiHexDigitLower)
            ? new(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, null, true)
            : default;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} failed on try {Tries} with {Error}; the next is in {Seconds:F1} s")]
    private static partial void Retrying(ILogger log, string work, int tries, double seconds, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue stops while {Running} pieces of work still run: they are cancelled")]
    private static partial void CutShort(ILogger log, int running);
}
