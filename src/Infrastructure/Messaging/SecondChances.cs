using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Hands out the dead letters that an operator wants tried again. A letter goes when its work cannot be lost any more; if
/// it is given up again before that, it stays.
/// </summary>
internal sealed partial class SecondChances(
    IDeadLetterBox letters, IMessageQueue queue, ITurn turn, MessagingMetrics metrics, MessagingSettings settings,
    TimeProvider clock, ILogger<SecondChances> log) : BackgroundService
{
    private const int AtOnce = 100;

    private readonly ConcurrentDictionary<Guid, bool> underWay = [];

    /// <summary>Hands out what is asked for and not under way.</summary>
    public async Task Look(CancellationToken cancel)
    {
        metrics.SawDeadLetters(await letters.Count(cancel));
        if (!turn.IsOurs)
            return;
        foreach (var letter in await letters.Asked(AtOnce, cancel))
        {
            if (underWay.TryAdd(letter.Id, true))
                _ = HandOut(letter, cancel);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.DeadLettersEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                NotLooked(log, why);
            }
        }
    }

    private async Task HandOut(AskedLetter letter, CancellationToken cancel)
    {
        try
        {
            await queue.Send(letter.Message, notBefore: null, cancel);
            await letters.Forget(letter, cancel);
        }
        catch (InvalidOperationException why)
        {
            // No queue takes it: the next look would find the same.
            NotHandedOut(log, why, letter.Id);
            await letters.Add(letter.Message, "There is no such queue", 0, cancel);
        }
        catch (Exception why)
        {
            // It stays asked for: the next look, or the next start, hands it out.
            if (!cancel.IsCancellationRequested)
                NotHandedOut(log, why, letter.Id);
        }
        finally
        {
            underWay.TryRemove(letter.Id, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dead letters cannot be looked through; trying again")]
    private static partial void NotLooked(ILogger log, Exception why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dead letter {Letter} could not be handed out anew; trying again")]
    private static partial void NotHandedOut(ILogger log, Exception why, Guid letter);
}
