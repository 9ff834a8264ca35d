using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Hands over the work that follows from facts. Its checkpoint stays below every event whose work is not done, so that
/// after a crash that work is handed over again: at least once, never less. It has nothing to do with rebuilding views.
/// </summary>
internal sealed partial class Relay : BackgroundService
{
    public const string Checkpoint = "Relay";

    private const int PageSize = 500;

    private readonly IEventFeed feed;
    private readonly ICheckpoints checkpoints;
    private readonly IWorkQueue queue;
    private readonly IReadPosition readers;
    private readonly WorkFormat format;
    private readonly IParkedEvents parked;
    private readonly ITurn turn;
    private readonly MessagingMetrics metrics;
    private readonly MessagingSettings settings;
    private readonly TimeProvider clock;
    private readonly LogReaders logReaders;
    private readonly ILogger<Relay> log;
    private readonly Dictionary<Type, Hearing[]> hearings;
    private readonly SemaphoreSlim room;
    private readonly SemaphoreSlim saveNow = new(0);
    private int finished;

    public Relay(
        Slices slices, IEventFeed feed, ICheckpoints checkpoints, IWorkQueue queue, IReadPosition readers,
        WorkFormat format, IParkedEvents parked, ITurn turn, MessagingMetrics metrics, MessagingSettings settings,
        TimeProvider clock, LogReaders logReaders, ILogger<Relay> log)
    {
        this.turn = turn;
        (this.feed, this.checkpoints, this.queue, this.readers, this.format) = (feed, checkpoints, queue, readers, format);
        (this.parked, this.metrics, this.settings, this.clock, this.log) = (parked, metrics, settings, clock, log);
        this.logReaders = logReaders;
        hearings = slices.All.SelectMany(slice => slice.Hearings)
            .GroupBy(hearing => hearing.Fact)
            .ToDictionary(group => group.Key, group => group.ToArray());
        room = new SemaphoreSlim(settings.Outstanding);
    }

    public override void Dispose()
    {
        room.Dispose();
        saveNow.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var lost = await turn.Ours(stoppingToken);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, stoppingToken);
            try
            {
                await Work(either.Token);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                // Another node goes on from our last checkpoint, or we do when the turn is ours again.
            }
        }
    }

    private async Task Work(CancellationToken cancel)
    {
        var start = await Patiently(giveUp => checkpoints.Load(Checkpoint, giveUp), cancel);
        var progress = new RelayProgress(start);
        metrics.Watch(progress);
        logReaders.Watch(Checkpoint, () => progress.Read);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var saving = KeepSaving(progress, start, leaving.Token);
        try
        {
            await Follow(progress, start, cancel);
        }
        finally
        {
            logReaders.Watch(Checkpoint, () => -1); // Whoever has the turn says from now on how far it is.
            await leaving.CancelAsync();
            await saving;
        }
    }

    private async Task Follow(RelayProgress progress, long start, CancellationToken cancel)
    {
        var subscription = new FeedSubscription(Checkpoint, feed, hearings.Keys.ToHashSet(), PageSize, clock, log);
        await foreach (var page in subscription.From(start, cancel))
        {
            if (page.Events.Count > 0)
                await ReadersSee(page.Upto, cancel);
            foreach (var happened in page.Events)
            {
                var items = await Follows(happened, cancel);
                if (items.Count == 0)
                    continue;
                await room.WaitAsync(cancel);
                progress.Begin(happened.Position);
                _ = HandOver(happened.Position, items, progress, cancel);
            }

            progress.Seen(page.Upto);
        }
    }

    // Work reads views, and what it follows from should show in them. At the start that takes as long as the rebuild;
    // later it is bounded: a projection that is stuck must not hold up the work.
    private async Task ReadersSee(long position, CancellationToken cancel)
    {
        while (!await readers.Reached(position, FeedSubscription.LongestLook, cancel) && !readers.IsCaughtUp)
        {
        }
    }

    private async Task<List<WorkItem>> Follows(RecordedEvent happened, CancellationToken cancel)
    {
        var items = new List<WorkItem>();
        if (happened.Fact is Unreadable broken)
        {
            await Park(happened, broken.Why, cancel);
            return items;
        }

        foreach (var hearing in hearings.GetValueOrDefault(happened.Fact.GetType(), []))
        {
            try
            {
                if (hearing.Follow(happened) is { } work)
                    items.Add(format.ItemOf(work, happened.CorrelationId, happened.Id.ToString()) with { Position = happened.Position });
            }
            catch (Exception why)
            {
                await Park(happened, why, cancel);
            }
        }

        return items;
    }

    private Task<object?> Park(RecordedEvent happened, Exception why, CancellationToken cancel) => Patiently<object?>(
        async giveUp =>
        {
            await parked.Park(Checkpoint, 0, happened, why, giveUp);
            return null;
        },
        cancel);

    private async Task HandOver(long position, List<WorkItem> items, RelayProgress progress, CancellationToken cancel)
    {
        KillPoint.Reach("relay.read");
        try
        {
            await Task.WhenAll(items.Select(item => Patiently<object?>(
                async giveUp =>
                {
                    await queue.Enqueue(item, giveUp);
                    return null;
                },
                cancel)));
        }
        catch (OperationCanceledException)
        {
            room.Release();
            return; // It stays outstanding: the checkpoint does not pass it.
        }

        KillPoint.Reach("relay.confirmed");
        progress.End(position);
        room.Release();
        if (Interlocked.Increment(ref finished) % settings.CheckpointAfter == 0)
            saveNow.Release();
    }

    private async Task KeepSaving(RelayProgress progress, long saved, CancellationToken cancel)
    {
        var last = false;
        while (!last)
        {
            try
            {
                await saveNow.WaitAsync(settings.CheckpointEvery, cancel);
            }
            catch (OperationCanceledException)
            {
                last = true; // Once more, so that a clean restart has nothing to repeat.
            }

            saved = await Save(progress.Safe, saved);
        }
    }

    private async Task<long> Save(long safe, long saved)
    {
        if (safe <= saved)
            return saved;
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
            if (await checkpoints.Move(Checkpoint, saved, safe, soon.Token))
                return safe;
            var theirs = await checkpoints.Load(Checkpoint, soon.Token);
            MovedByAnother(log, saved, theirs);
            return theirs;
        }
        catch (Exception why)
        {
            NotSaved(log, why, safe);
            return saved;
        }
    }

    private async Task<T> Patiently<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await attempt(cancel);
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                // A queue that stops a moment before the relay cancels what waits: that is no failure.
                if (why is not OperationCanceledException)
                    Waiting(log, why, failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay cannot go on (failure {Failures}); trying again")]
    private static partial void Waiting(ILogger log, Exception why, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The relay's checkpoint {Position} could not be saved; trying again")]
    private static partial void NotSaved(ILogger log, Exception why, long position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another node moved the relay's checkpoint from {Saved} to {Theirs}")]
    private static partial void MovedByAnother(ILogger log, long saved, long theirs);
}
