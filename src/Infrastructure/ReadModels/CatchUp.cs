using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Brings shards that are behind to the head: shadows, and what was paused or held by another node. It reads large pages
/// of their facts alone, once for all of them, while the head goes on with the others.
/// </summary>
internal sealed class CatchUp(IEventFeed feed, Head head, TimeProvider clock, ILogger<CatchUp> log)
{
    private const int PageSize = 10_000;

    /// <summary>Until all have joined the head, failed or are over.</summary>
    public async Task Run(IReadOnlyList<Shard> group, CancellationToken cancel)
    {
        if (await head.Join(group, cancel))
            return;

        var facts = group.SelectMany(shard => shard.Projection.Facts).ToHashSet();
        var subscription = new FeedSubscription("A shard that catches up", feed, facts, PageSize, clock, log);
        await foreach (var page in subscription.From(group.Min(shard => shard.Position), cancel))
        {
            var taken = await Task.WhenAll(group.Select(shard => shard.Take(page, cancel)));
            group = [.. group.Where((shard, i) => taken[i] && !shard.IsOver)];
            if (group.Count == 0 || (page.Upto >= head.Position - Head.PageSize && await head.Join(group, cancel)))
                return;
        }
    }
}
