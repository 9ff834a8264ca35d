using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// All that this node does for one projection: keeps its live shard at the head, and makes operators' wishes true, one
/// small step each time it is asked. What it has begun and not ended it begins again: a step may be the last before a kill.
/// </summary>
internal sealed partial class Keeper(
    IProjection projection, IViewStore store, IShardTable table, IParkedEvents parked, Head head, Comparison comparison,
    Retry retry, ILogger<Keeper> log)
{
    private IGeneration? serving;
    private Shard? live;
    private Shard? shadow;
    private DateTimeOffset? begunFor;
    private Verdict? verdict;
    private Task? work;
    private CancellationTokenSource? working;
    private (long From, long At) pace;
    private Exception? failure;
    private int failures;
    private long notBefore;
    private bool hasOpened;
    private long? restsAt;

    public string Name => projection.Name;

    /// <summary>Does what can be done now.</summary>
    /// <param name="behind">Gets the shards that must catch up.</param>
    public async Task<ShardReport> Step(ShardWishes wishes, List<Shard> behind, CancellationToken cancel)
    {
        try
        {
            await Tidy(cancel);
            if (!wishes.IsPaused)
                await Follow(wishes, behind, cancel);
            else if (await IsAtRest(wishes.StoodAt, behind, cancel))
                await Release(cancel);
            if (IsLive)
                (failure, failures) = (null, 0);
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            Note(why);
        }

        return Report(wishes);
    }

    /// <summary>Takes nothing any more. The views stay as they are.</summary>
    public async Task Release(CancellationToken cancel)
    {
        await Interrupt();
        restsAt = live?.Position ?? restsAt;
        foreach (var shard in new[] { live, shadow }.OfType<Shard>())
        {
            shard.IsOver = true;
            await head.Leave(shard, cancel);
        }

        (live, shadow, verdict) = (null, null, null);
    }

    private bool IsLive => live is not null && head.Has(live) && live.Position >= head.Target;

    // A shard that failed is opened anew after a while: a server that is away has come back by then, or has not.
    private async Task Tidy(CancellationToken cancel)
    {
        if (work is { IsCompleted: true })
        {
            if (work.Exception?.InnerException is { } broken)
                Note(broken);
            await Interrupt();
        }

        if (live?.Failure is { } why)
        {
            await Interrupt();
            await head.Leave(live, cancel);
            live = null;
            Note(why);
        }

        if (shadow?.Failure is { } itsWhy)
        {
            await Interrupt();
            await head.Leave(shadow, cancel);
            (shadow, verdict) = (null, null);
            Note(itsWhy);
        }
    }

    private void Note(Exception why)
    {
        Failed(log, why, Name, ++failures);
        failure = why;
        notBefore = Stopwatch.GetTimestamp() + (long)(Backoff.ForServers.After(failures).TotalSeconds * Stopwatch.Frequency);
    }

    // In memory nothing is left of what a paused projection had at the last end: it is made again up to there.
    private async Task<bool> IsAtRest(long stoodAt, List<Shard> behind, CancellationToken cancel)
    {
        if (live is null)
        {
            serving = (await Open(cancel)).Live;
            var stands = await serving.Position(cancel);
            if (store.IsShared || stands > 0 || stoodAt == 0)
            {
                restsAt = stands;
                return true;
            }

            live = await Shard.Open(projection, serving, parked, cancel);
            live.Limit = stoodAt;
            behind.Add(live);
        }

        return live.Limit == long.MaxValue || live.Position >= live.Limit;
    }

    private async Task Follow(ShardWishes wishes, List<Shard> behind, CancellationToken cancel)
    {
        if (Stopwatch.GetTimestamp() < notBefore)
            return;
        if (live is { Limit: < long.MaxValue })
            await Release(cancel);
        if (live is null)
        {
            serving = (await Open(cancel)).Live;
            // Views of another version serve as they are until a shadow of this one takes their place.
            if (serving.Version == projection.Version)
            {
                live = await Shard.Open(projection, serving, parked, cancel);
                Behind(live, behind);
            }
        }

        var mustReplace = serving!.Version != projection.Version;
        if (wishes.IsDiscardAsked)
            await Discard(cancel);
        else if (mustReplace || (wishes.Rebuild is not null && (IsLive || failures > 0)))
            await Rebuild(wishes, mustReplace, behind, cancel);

        if (wishes.IsRetryAsked && IsLive)
            Do(stop => RetryParked(live!, stop), cancel);
    }

    // What was parked on the way to views that are gone is forgotten; in memory that is all, at the start.
    private async Task<Generations> Open(CancellationToken cancel)
    {
        var stored = await store.Open(projection, cancel);
        int[] there = [.. new[] { stored.Live, stored.Shadow }.OfType<IGeneration>().Select(one => one.Number)];
        await parked.KeepOnly(Name, store.IsShared || hasOpened ? there : [], cancel);
        hasOpened = true;
        return stored;
    }

    private async Task Rebuild(ShardWishes wishes, bool mustReplace, List<Shard> behind, CancellationToken cancel)
    {
        if (shadow is null || (wishes.AskedAt != begunFor && !mustReplace))
        {
            await Begin(wishes, mustReplace, behind, cancel);
            return;
        }

        if (!head.Has(shadow))
            return;
        if (IsLive && (verdict is null || wishes.Compare is not null))
        {
            Do(stop => Compare(wishes.Compare ?? ComparedHow.Paths, stop), cancel);
            return;
        }

        var isWanted = mustReplace || wishes.Rebuild is AfterRebuild.Switch || wishes.IsSwitchAsked;
        if (isWanted || verdict?.AreEqual is true)
            await Switch(cancel);
    }

    private async Task Begin(ShardWishes wishes, bool mustReplace, List<Shard> behind, CancellationToken cancel)
    {
        await Interrupt();
        if (shadow is not null)
        {
            shadow.IsOver = true;
            await head.Leave(shadow, cancel);
        }

        var isResumed = mustReplace || wishes.BegunFor == wishes.AskedAt;
        var generation = isResumed ? (await store.Open(projection, cancel)).Shadow : null;
        if (generation?.Version != projection.Version)
            generation = null;
        if (generation is null && isResumed && !mustReplace && store.IsShared)
        {
            // It was switched to, and the node ended before it could say so.
            await table.Ended(Name, serving!.Number, cancel);
            return;
        }

        if (generation is null)
        {
            generation = await store.BeginShadow(projection, cancel);
            if (wishes.AskedAt is { } askedAt)
                await table.Began(Name, askedAt, cancel);
        }

        (begunFor, verdict) = (wishes.AskedAt, null);
        shadow = await Shard.Open(projection, generation, parked, cancel);
        Behind(shadow, behind);
        Rebuilding(log, Name, generation.Number, shadow.Position);
    }

    private async Task Compare(ComparedHow how, CancellationToken stop)
    {
        var found = await comparison.Run(live!, shadow!, how, stop);
        await table.Compared(Name, found, stop);
        verdict = found;
        Compared(log, Name, found.Count, found.Position);
    }

    private async Task Switch(CancellationToken cancel)
    {
        var old = live;
        var isDone = await head.AtRest(
            async () =>
            {
                // Both at one position: what a reader has seen stays seen.
                if (old is not null && head.Has(old) && old.Position != shadow!.Position)
                    return false;
                if (!await store.Switch(projection, shadow!.Generation, cancel))
                    throw new InvalidOperationException("The shadow is gone.");
                return true;
            },
            cancel);
        if (!isDone)
            return;

        (serving, live, shadow, verdict) = (shadow!.Generation, shadow, null, null);
        if (old is not null)
            await head.Leave(old, cancel);
        await parked.KeepOnly(Name, [serving.Number], cancel);
        await table.Ended(Name, serving!.Number, cancel);
        Switched(log, Name, serving.Number);
    }

    private async Task Discard(CancellationToken cancel)
    {
        await Interrupt();
        if (shadow is not null)
        {
            shadow.IsOver = true;
            await head.Leave(shadow, cancel);
        }

        (shadow, verdict) = (null, null);
        await store.DropShadow(projection, cancel);
        await table.Ended(Name, serving!.Number, cancel);
    }

    private async Task RetryParked(Shard shard, CancellationToken stop)
    {
        await retry.Run(shard, stop);
        await table.Retried(Name, stop);
    }

    // One piece of work at a time, beside the steps.
    private void Do(Func<CancellationToken, Task> what, CancellationToken cancel)
    {
        if (work is not null)
            return;
        working = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        work = what(working.Token);
    }

    private async Task Interrupt()
    {
        if (work is null)
            return;
        await working!.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        working.Dispose();
        (work, working) = (null, null);
    }

    private void Behind(Shard shard, List<Shard> behind)
    {
        pace = (shard.Position, Stopwatch.GetTimestamp());
        behind.Add(shard);
    }

    private ShardReport Report(ShardWishes wishes)
    {
        var state =
            failure is not null ? ShardState.Failing
            : wishes.IsPaused ? ShardState.Paused
            : shadow is not null && !head.Has(shadow) ? ShardState.Rebuilding
            : shadow is not null && verdict is null ? ShardState.Comparing
            : shadow is not null ? ShardState.Compared
            : IsLive ? ShardState.Live
            : ShardState.Building;
        var moving = state is ShardState.Rebuilding ? shadow : state is ShardState.Building ? live : null;
        var rate = moving is null ? default(double?)
            : (moving.Position - pace.From) / Math.Max(0.001, Stopwatch.GetElapsedTime(pace.At).TotalSeconds);
        return new ShardReport(
            Name, state, serving?.Version ?? 0, serving?.Number ?? 0, shadow?.Generation.Number,
            live is { Limit: < long.MaxValue } ? live.Limit : live?.Position ?? restsAt ?? wishes.StoodAt, shadow?.Position, head.Target, rate,
            failure is null ? null : ParkedEvents.Describe(failure.InnerException ?? failure));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} cannot go on (failure {Failures}); trying again")]
    private static partial void Failed(ILogger log, Exception why, string projection, int failures);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} is being rebuilt as generation {Generation}, from position {Position}")]
    private static partial void Rebuilding(ILogger log, string projection, int generation, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} was compared with its shadow at position {Position}: {Differences} views differ")]
    private static partial void Compared(ILogger log, string projection, int differences, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} shows generation {Generation} now")]
    private static partial void Switched(ILogger log, string projection, int generation);
}
