using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// All that this node does for one projection: keeps its live shard at the head, and makes operators' wishes true, one
/// small step each time it is asked. What it has begun and not ended it begins again: a step may be the last before a kill.
/// </summary>
internal sealed partial class Keeper
{
    private readonly IProjection projection;
    private readonly IViewStore store;
    private readonly IShardTable table;
    private readonly IParkedEvents parked;
    private readonly Head head;
    private readonly Retry retry;
    private readonly ILogger<Keeper> log;
    private readonly Rebuild rebuild;
    private readonly Errand errand = new();
    private IGeneration? serving;
    private bool isWhole;
    private Shard? live;
    private (long From, long At) pace;
    private Exception? failure;
    private int failures;
    private long notBefore;
    private bool hasOpened;

    // How far readers have seen the views: what is lost of them is made again up to there, also when they are paused.
    private long shown;

    public Keeper(
        IProjection projection, IViewStore store, IShardTable table, IParkedEvents parked, Head head, Comparison comparison,
        Retry retry, ILogger<Keeper> log)
    {
        (this.projection, this.store, this.table, this.parked, this.head, this.retry, this.log) =
            (projection, store, table, parked, head, retry, log);
        rebuild = new Rebuild(projection, store, table, parked, head, comparison, errand, Serve, log);
    }

    public string Name => projection.Name;

    public IProjection Projection => projection;

    private bool IsLive => live is not null && head.HasLed(live);

    /// <summary>Does what can be done now.</summary>
    /// <param name="stands">How the live generation stands in the store; null when that is not known.</param>
    /// <param name="behind">Gets the shards that must catch up.</param>
    public async Task<ShardReport> Step(ShardWishes wishes, Standing? stands, List<Shard> behind, CancellationToken cancel)
    {
        try
        {
            shown = Math.Max(shown, wishes.StoodAt);
            if (live is not null && stands is { } now && (now.Generation != live.Generation.Number || (isWhole && !now.IsWhole)))
                live.Fail(new InvalidOperationException("The views are gone, or a part of them."));
            await Tidy(cancel);
            if (!wishes.IsPaused)
                await Follow(wishes, behind, cancel);
            else if (await IsAtRest(behind, cancel))
                await Rest(cancel);
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
        await errand.Interrupt();
        await rebuild.Release(cancel);
        await Leave(cancel);
    }

    // Whatever failed before, the views are there.
    private async Task Rest(CancellationToken cancel)
    {
        await Release(cancel);
        (failure, failures) = (null, 0);
    }

    private async Task Leave(CancellationToken cancel)
    {
        if (live is null)
            return;
        live.IsOver = true;
        await head.Leave(live, cancel);
        shown = Math.Max(shown, live.Position);
        live = null;
    }

    // A shard that failed is opened anew after a while: a server that is away has come back by then, or has not.
    private async Task Tidy(CancellationToken cancel)
    {
        if (await errand.Tidy() is { } broken)
            Note(broken);
        if (await rebuild.Tidy(cancel) is { } stuck)
            Note(stuck);
        if (live?.Failure is not { } why)
            return;
        await errand.Interrupt();
        await Leave(cancel);
        Note(why);
    }

    private void Note(Exception why)
    {
        Failed(log, why, Name, ++failures);
        failure = why;
        notBefore = Stopwatch.GetTimestamp() + (long)(Backoff.ForServers.After(failures).TotalSeconds * Stopwatch.Frequency);
    }

    // What a paused projection had and its store lost, as memory does at every end, is made again up to there.
    private async Task<bool> IsAtRest(List<Shard> behind, CancellationToken cancel)
    {
        // The pause came when they were being made again: not on to the head, but as far as they had been shown.
        if (live is { Limit: long.MaxValue } && live.Position < shown)
            await Release(cancel);
        if (live is null)
        {
            await Open(cancel);
            if (isWhole)
                return true;

            live = await Shard.Open(projection, serving!, parked, cancel);
            live.Limit = Math.Max(shown, live.Position);
            behind.Add(live);
        }

        if (live.Limit < long.MaxValue && live.Position < live.Limit)
            return false;
        if (live.Limit < long.MaxValue)
            await Complete(cancel);
        return true;
    }

    private async Task Follow(ShardWishes wishes, List<Shard> behind, CancellationToken cancel)
    {
        if (Stopwatch.GetTimestamp() < notBefore)
            return;
        if (live is { Limit: < long.MaxValue })
            await Release(cancel);
        if (live is null)
        {
            await Open(cancel);
            // It was switched to, and the store's word of it was lost on the way.
            if (rebuild.Shadow?.Generation.Number == serving!.Number)
                await rebuild.Release(cancel);
            // Views of another version serve as they are until a shadow of this one takes their place.
            if (serving.Version == projection.Version)
            {
                live = await Shard.Open(projection, serving, parked, cancel);
                Behind(live);
            }
        }

        if (IsLive && !isWhole)
            await Complete(cancel);
        await rebuild.Step(new(wishes, serving!, live, IsLive, failures > 0), Behind, cancel);
        if (wishes.IsRetryAsked && IsLive)
            errand.Begin(stop => RetryParked(live!, stop), cancel);

        void Behind(Shard shard)
        {
            pace = (shard.Position, Stopwatch.GetTimestamp());
            behind.Add(shard);
        }
    }

    private void Serve(Shard made) => (serving, isWhole, live) = (made.Generation, true, made);

    // What was parked on the way to views that are gone is forgotten.
    private async Task Open(CancellationToken cancel)
    {
        var stored = await store.Open(projection, cancel);
        if (!hasOpened || !stored.IsWhole)
        {
            var there = new List<int>();
            foreach (var one in new[] { stored.Live, stored.Shadow }.OfType<IGeneration>())
            {
                if (await one.Position(cancel) > 0)
                    there.Add(one.Number);
            }

            await parked.KeepOnly(Name, there, cancel);
        }

        (serving, isWhole, hasOpened) = (stored.Live, stored.IsWhole, true);
    }

    private async Task Complete(CancellationToken cancel) =>
        isWhole = await store.Complete(projection, live!.Generation, cancel);

    private async Task RetryParked(Shard shard, CancellationToken stop)
    {
        await retry.Run(shard, stop);
        await table.Retried(Name, stop);
    }

    private ShardReport Report(ShardWishes wishes)
    {
        var state =
            failure is not null ? ShardState.Failing
            : wishes.IsPaused ? ShardState.Paused
            : rebuild.State ?? (IsLive ? ShardState.Live : ShardState.Building);
        var moving = state is ShardState.Rebuilding ? rebuild.Shadow : state is ShardState.Building ? live : null;
        var rate = moving is null ? default(double?)
            : (moving.Position - pace.From) / Math.Max(0.001, Stopwatch.GetElapsedTime(pace.At).TotalSeconds);
        return new ShardReport(
            Name, state, serving?.Version ?? 0, serving?.Number ?? 0, rebuild.Shadow?.Generation.Number,
            live is null ? shown : StandsAt(live),
            rebuild.Shadow?.Position, head.Target, rate,
            failure is null ? null : ParkedEvents.Describe(failure.InnerException ?? failure));
    }

    // What is being made again up to somewhere counts as being there already: else a node that goes meanwhile forgets how far.
    private static long StandsAt(Shard shard) => shard.Limit < long.MaxValue ? shard.Limit : shard.Position;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection {Projection} cannot go on (failure {Failures}); trying again")]
    private static partial void Failed(ILogger log, Exception why, string projection, int failures);
}
