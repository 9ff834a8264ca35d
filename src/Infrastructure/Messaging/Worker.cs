using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>What is left to do after a try.</summary>
internal enum Ending
{
    /// <summary>Nothing: it was done, or given up and kept as a dead letter.</summary>
    Over,

    /// <summary>It failed and is to be tried again.</summary>
    Again,

    /// <summary>Another worker is at it, or there is no room: it is looked at again, and this was no try.</summary>
    Elsewhere,

    /// <summary>The process stops: it was neither done nor has it failed.</summary>
    Stopped,
}

/// <summary>How a try ended.</summary>
/// <param name="Wait">How long until the next; zero when there is none.</param>
internal sealed record TryEnd(Ending Ending, TimeSpan Wait = default);

/// <summary>
/// Does one piece of work, by the same handlers whatever queue it came on, and says what becomes of it. An outage of the
/// database is waited for and counts as no try; nor does a disk that is full.
/// </summary>
internal sealed partial class Worker(
    WorkFormat format, IDeadLetterBox letters, IOutage outage, MessagingMetrics metrics, MessagingSettings settings,
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<Worker> log)
{
    private readonly Backoff backoff = new(settings.FirstRetry, settings.LongestRetry);
    private readonly TimeSpan roomAfter = settings.LongestRetry < Backoff.ForServers.Longest ? settings.LongestRetry : Backoff.ForServers.Longest;

    /// <summary>Does not throw.</summary>
    /// <param name="tries">How often it was tried, this time included.</param>
    /// <param name="parent">The trace that it belongs to.</param>
    public async Task<TryEnd> Try(Message message, int tries, ActivityContext parent, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                try
                {
                    var answer = await Do(message, parent, stop);
                    // Any other no is an answer too: asking again would not change it.
                    return answer.Refusal switch
                    {
                        { Kind: RejectionKind.Busy } busy =>
                            await Failed(message, tries, $"Refused with {busy.Code}", isTransient: true, busy.RetryAfter, stop),
                        { Kind: RejectionKind.Conflict, RetryAfter: { } look } => new TryEnd(Ending.Elsewhere, look),
                        _ => new TryEnd(Ending.Over),
                    };
                }
                catch (Exception why) when (!stop.IsCancellationRequested && FullDisk.IsWhy(why))
                {
                    NoRoom(log, why, message.Type);
                    return new TryEnd(Ending.Elsewhere, roomAfter);
                }
                catch (Exception why) when (!stop.IsCancellationRequested)
                {
                    var mayPass = outage.MayBe(why);
                    if (!mayPass || !await outage.Over(stop))
                        return await Failed(message, tries, ParkedEvents.Describe(why), mayPass || why is TransientException, null, stop);
                }
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return new TryEnd(Ending.Stopped);
        }
    }

    /// <summary>Makes a dead letter of it, patiently: what is given up must not be lost.</summary>
    /// <param name="error">Without a word of what the work was about.</param>
    public async Task GiveUp(Message message, int tries, string error, CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await letters.Add(message, error, tries, stop);
                metrics.GaveUp(message.Kind);
                return;
            }
            catch (Exception why) when (!stop.IsCancellationRequested)
            {
                NotGivenUp(log, why, message.Type, failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, stop);
            }
        }
    }

    private async Task<Answer<Done>> Do(Message message, ActivityContext parent, CancellationToken cancel)
    {
        using var span = Tracing.Source.StartActivity(message.Kind, ActivityKind.Consumer, parent);
        Origin.Current = new Origin(null, message.CorrelationId, message.CausationId) { Via = "work" };
        ReadYourWrites.Skip = true;
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(format.Read(message), cancel);
    }

    private async Task<TryEnd> Failed(
        Message message, int tries, string error, bool isTransient, TimeSpan? retryAfter, CancellationToken stop)
    {
        if (tries >= (isTransient ? settings.TransientTries : settings.UnexpectedTries))
        {
            await GiveUp(message, tries, error, stop);
            return new TryEnd(Ending.Over);
        }

        var wait = backoff.After(tries);
        if (retryAfter > wait)
            wait = retryAfter.Value;
        metrics.Retried(message.Kind);
        Retrying(log, message.Type, tries, error, wait.TotalSeconds);
        return new TryEnd(Ending.Again, wait);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} failed on try {Tries} with {Error}; the next is in {Seconds:F1} s")]
    private static partial void Retrying(ILogger log, string work, int tries, string error, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "There is no room for what {Work} writes; it waits")]
    private static partial void NoRoom(ILogger log, Exception why, string work);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} is given up, but no dead letter can be written (failure {Failures}); trying again")]
    private static partial void NotGivenUp(ILogger log, Exception why, string work, int failures);
}
