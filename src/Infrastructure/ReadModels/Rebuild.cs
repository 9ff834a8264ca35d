using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// The shadow of one projection: begun or taken up where another node left it, filled, compared, and switched to or
/// dropped, as operators wish or a new version demands.
/// </summary>
/// <param name="serve">Is told at once which shard took the live one's place, whatever fails afterwards.</param>
internal sealed partial class Rebuild(
    IProjection projection, IViewStore store, IShardTable table, IParkedEvents parked, Head head, Comparison comparison,
    Errand errand, Action<Shard> serve, ILogger<Keeper> log)
{
    private DateTimeOffset? begunFor;
    private Verdict? verdict;

    public Shard? Shadow { get; private set; }

    /// <summary>How far it is; null when there is none.</summary>
    public ShardState? State =>
        Shadow is null ? null
        : !head.Has(Shadow) ? ShardState.Rebuilding
        : verdict is null ? ShardState.Comparing
        : ShardState.Compared;

    /// <summary>Does what can be done now.</summary>
    /// <param name="behind">Takes the shards that must catch up.</param>
    public Task Step(Situation now, Action<Shard> behind, CancellationToken cancel) =>
        now.Wishes.IsDiscardAsked ? Discard(now.Serving, cancel)
        : MustReplace(now) || (now.Wishes.Rebuild is not null && (now.IsLive || now.IsFailing)) ? Advance(now, behind, cancel)
        : Task.CompletedTask;

    /// <summary>Why the shadow is of no use any more, if it is not; then another must be opened in its place.</summary>
    public async Task<Exception?> Tidy(CancellationToken cancel)
    {
        if (Shadow?.Failure is not { } why)
            return null;
        await Release(cancel);
        return why;
    }

    /// <summary>Takes nothing any more. What the store has of the shadow stays.</summary>
    public async Task Release(CancellationToken cancel)
    {
        await errand.Interrupt();
        if (Shadow is not null)
        {
            Shadow.IsOver = true;
            await head.Leave(Shadow, cancel);
        }

        (Shadow, verdict) = (null, null);
    }

    private bool MustReplace(Situation now) => now.Serving.Version != projection.Version;

    private async Task Advance(Situation now, Action<Shard> behind, CancellationToken cancel)
    {
        var wishes = now.Wishes;
        if (Shadow is null || (wishes.AskedAt != begunFor && !MustReplace(now)))
        {
            await Begin(now, behind, cancel);
            return;
        }

        if (!head.Has(Shadow))
            return;
        if (now.IsLive && (verdict is null || wishes.Compare is not null))
        {
            errand.Begin(stop => Compare(now.Live!, wishes.Compare ?? ComparedHow.Paths, stop), cancel);
            return;
        }

        var isWanted = MustReplace(now) || wishes.Rebuild is AfterRebuild.Switch || wishes.IsSwitchAsked;
        if (isWanted || verdict?.AreEqual is true)
            await Switch(now.Live, cancel);
    }

    private async Task Begin(Situation now, Action<Shard> behind, CancellationToken cancel)
    {
        await Release(cancel);
        var wishes = now.Wishes;
        var isResumed = MustReplace(now) || wishes.BegunFor == wishes.AskedAt;
        var generation = isResumed ? (await store.Open(projection, cancel)).Shadow : null;
        if (generation?.Version != projection.Version)
            generation = null;
        if (generation is null && isResumed && !MustReplace(now) && store.IsShared)
        {
            // It was switched to, and the node ended before it could say so; or the store was emptied, and the live
            // generation was made anew since.
            await table.Ended(projection.Name, now.Serving.Number, cancel);
            return;
        }

        if (generation is null)
        {
            generation = await store.BeginShadow(projection, cancel);
            if (wishes.AskedAt is { } askedAt)
                await table.Began(projection.Name, askedAt, cancel);
        }

        begunFor = wishes.AskedAt;
        Shadow = await Shard.Open(projection, generation, parked, cancel);
        KillPoint.Reach("rebuild.begun");
        behind(Shadow);
        Rebuilding(log, projection.Name, generation.Number, Shadow.Position);
    }

    private async Task Compare(Shard live, ComparedHow how, CancellationToken stop)
    {
        var found = await comparison.Run(live, Shadow!, how, stop);
        await table.Compared(projection.Name, found, stop);
        verdict = found;
        KillPoint.Reach("rebuild.compared");
        Compared(log, projection.Name, found.Count, found.Position);
    }

    private async Task Switch(Shard? old, CancellationToken cancel)
    {
        var made = Shadow!;
        var isDone = await head.AtRest(
            async () =>
            {
                // Both at one position: what a reader has seen stays seen.
                if (old is not null && head.Has(old) && old.Position != made.Position)
                    return false;
                if (!await store.Switch(projection, made.Generation, cancel))
                    throw new InvalidOperationException("The shadow is gone.");
                return true;
            },
            cancel);
        if (!isDone)
            return;

        KillPoint.Reach("rebuild.switched");
        (Shadow, verdict) = (null, null);
        serve(made);
        if (old is not null)
            await head.Leave(old, cancel);
        await parked.KeepOnly(projection.Name, [made.Generation.Number], cancel);
        await table.Ended(projection.Name, made.Generation.Number, cancel);
        Switched(log, projection.Name, made.Generation.Number);
    }

    private async Task Discard(IGeneration serving, CancellationToken cancel)
    {
        await Release(cancel);
        await store.DropShadow(projection, cancel);
        await table.Discarded(projection.Name, serving.Number, cancel);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} is being rebuilt as generation {Generation}, from position {Position}")]
    private static partial void Rebuilding(ILogger log, string projection, int generation, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} was compared with its shadow at position {Position}: {Differences} views differ")]
    private static partial void Compared(ILogger log, string projection, int differences, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Projection} shows generation {Generation} now")]
    private static partial void Switched(ILogger log, string projection, int generation);
}

/// <summary>What a rebuild must know of the projection's other generation.</summary>
/// <param name="Serving">What readers see.</param>
/// <param name="Live">What feeds it; null when its version is another, or while it cannot be.</param>
/// <param name="IsLive">It is fed, and has all of the log.</param>
/// <param name="IsFailing">It cannot be: a rebuild may be what helps.</param>
internal readonly record struct Situation(ShardWishes Wishes, IGeneration Serving, Shard? Live, bool IsLive, bool IsFailing);
