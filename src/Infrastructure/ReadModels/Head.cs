using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// The shards of this node that have reached the end of the log, and the one loop that feeds them all from one reading.
/// Between two pages it rests: then all its shards stand at the same position, and others may join or take one's place.
/// </summary>
internal sealed partial class Head(
    Slices slices, IEventFeed feed, IViewStore store, ReadPosition readers, ReadModelMetrics metrics, TimeProvider clock,
    ILogger<Head> log) : IDisposable
{
    /// <summary>A page costs about a millisecond in memory: readers of their own writes wait no longer for it.</summary>
    internal const int PageSize = 2000;

    // Publishing seals the index trees, which then are copied where they change: in a rebuild it is worth doing seldom.
    private const int PagesInRebuild = 100;

    private readonly HashSet<Type> facts = [.. slices.All.SelectMany(slice => slice.Projections).SelectMany(shown => shown.Facts)];
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly SemaphoreSlim begun = new(0);
    private volatile Shard[] shards = [];
    private bool isFollowing;
    private long position;
    private long target = -1;

    /// <summary>Where all its shards stand, or beyond.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Where the log stood when the first shards began; what is before it is the past.</summary>
    public long Target => Math.Max(Volatile.Read(ref target), Position);

    public bool Has(Shard shard) => Array.IndexOf(shards, shard) >= 0;

    /// <summary>The shard is one of them, and has all that the log held when the first shards began.</summary>
    public bool HasLed(Shard shard) => Has(shard) && Volatile.Read(ref target) >= 0 && shard.Position >= Target;

    public void Dispose()
    {
        gate.Dispose();
        begun.Dispose();
    }

    /// <summary>Follows the log, until cancelled, while there is somebody to follow it for.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (true)
        {
            await begun.WaitAsync(cancel);
            await Follow(cancel);
        }
    }

    /// <summary>
    /// Takes shards in: at once when nobody is there, and the loop begins where they stand; else when they are nearly
    /// there, and what they lack is read while the others rest.
    /// </summary>
    /// <returns>False when they are too far behind.</returns>
    public Task<bool> Join(IReadOnlyList<Shard> group, CancellationToken cancel) => AtRest(
        async () =>
        {
            var from = group.Count == 0 ? 0 : group.Min(shard => shard.Position);
            if (isFollowing)
            {
                if (Position - from > PageSize)
                    return false;
                while (from < Position)
                {
                    var page = await feed.After(from, PageSize, facts, TimeSpan.Zero, cancel);
                    group = await Applied(group, page, cancel);
                    from = page.Upto;
                }
            }
            else
            {
                // Where views are shared it may have rested while another node held all shards, or while their store was away.
                if (store.IsShared)
                    Volatile.Write(ref target, -1);
                Volatile.Write(ref position, from);
                isFollowing = true;
                begun.Release();
            }

            foreach (var shard in group)
                shard.Generation.Publish();
            shards = [.. shards, .. group];
            return true;
        },
        cancel);

    public Task Leave(Shard shard, CancellationToken cancel) => AtRest(
        () =>
        {
            shards = [.. shards.Where(other => other != shard)];
            return Task.FromResult(true);
        },
        cancel);

    /// <summary>Does something between two pages. It must be brief: nothing moves meanwhile.</summary>
    public async Task<T> AtRest<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task Follow(CancellationToken cancel)
    {
        var start = clock.GetTimestamp();
        var subscription = new FeedSubscription("Projections", feed, facts, PageSize, clock, log);
        if (target < 0)
            Volatile.Write(ref target, await subscription.Last(cancel));
        if (Position >= target && !store.IsShared)
            readers.CatchUp();

        var unpublished = 0;
        await foreach (var page in subscription.From(Position, cancel))
        {
            var isLate = page.Upto < target && ++unpublished < PagesInRebuild;
            if (!await AtRest(() => Take(page, isLate, cancel), cancel))
                return;
            if (isLate)
                continue;
            unpublished = 0;
            metrics.Lag = page.Events is [.., var latest] ? clock.GetUtcNow() - latest.At : TimeSpan.Zero;
            if (page.Upto < target)
            {
                Rebuilding(log, page.Upto, target);
            }
            else if (!readers.IsCaughtUp && !store.IsShared)
            {
                readers.CatchUp();
                CaughtUp(log, page.Upto, clock.GetElapsedTime(start).TotalSeconds);
            }
        }
    }

    private async Task<bool> Take(FeedPage page, bool isLate, CancellationToken cancel)
    {
        shards = await Applied(shards, page, cancel);
        Volatile.Write(ref position, page.Upto);
        if (!isLate)
        {
            foreach (var shard in shards)
                shard.Generation.Publish();
            if (!store.IsShared)
                readers.Publish(page.Upto);
        }

        // In memory readers wait for this loop alone. Where views are shared another node may hold all shards, and readers
        // look at the store.
        return isFollowing = shards.Length > 0 || !store.IsShared;
    }

    // One shard's failure is not the others': whoever keeps it opens it anew.
    private static async Task<Shard[]> Applied(IReadOnlyList<Shard> group, FeedPage page, CancellationToken cancel)
    {
        var taken = await Task.WhenAll(group.Select(shard => shard.Take(page, cancel)));
        return Array.TrueForAll(taken, ok => ok) && group is Shard[] all ? all : [.. group.Where((_, i) => taken[i])];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The views are being rebuilt; they stand at position {Position} of {Last}")]
    private static partial void Rebuilding(ILogger log, long position, long last);

    [LoggerMessage(Level = LogLevel.Information, Message = "The views stand at position {Position}, {Seconds:F1} s after the start")]
    private static partial void CaughtUp(ILogger log, long position, double seconds);
}
