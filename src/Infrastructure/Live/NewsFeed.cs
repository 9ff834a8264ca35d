using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Live;

/// <summary>
/// Follows the log while anybody watches: once per node, however many do. Each node tells by itself of what all nodes did,
/// so watchers need no other way between nodes than the log (ADR 72).
/// </summary>
internal sealed class NewsFeed : BackgroundService, INews
{
    /// <summary>What lies further back is not told again: whoever was away so long reads anew.</summary>
    public const long MostCaughtUp = 20_000;

    private const int PageSize = 500;

    private readonly Dictionary<Type, NewsTable> tables;
    private readonly IEventFeed feed;
    private readonly FeedSubscription subscription;
    private readonly IReadPosition readers;
    private readonly IAudiences audiences;
    private readonly CancellationToken stopping;
    private readonly Lock gate = new();
    private readonly HashSet<Watch> watches = [];
    private TaskCompletionSource wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long position = -1;

    public NewsFeed(
        Slices slices, IEventFeed feed, IReadPosition readers, IAudiences audiences, IHostApplicationLifetime life,
        TimeProvider clock, ILogger<NewsFeed> log)
    {
        tables = slices.All.SelectMany(slice => slice.News)
            .SelectMany(table => table.Facts, (table, fact) => (table, fact))
            .ToDictionary(row => row.fact, row => row.table);
        (this.feed, this.readers, this.audiences, stopping) = (feed, readers, audiences, life.ApplicationStopping);
        subscription = new FeedSubscription("News", feed, tables.Keys.ToHashSet(), PageSize, clock, log);
        // A watch would hold up the stop: its connection never ends by itself.
        stopping.Register(EndAll);
    }

    public async Task<INewsWatch> Watch(long? after, Func<News, bool> wants, CancellationToken cancel)
    {
        var watch = new Watch(wants, Forget);
        long from;
        lock (gate)
        {
            if (watches.Count == 0 && position < 0)
                position = readers.Applied;
            watches.Add(watch);
            from = position;
            wanted.TrySetResult();
        }

        if (stopping.IsCancellationRequested)
            watch.End();
        try
        {
            await CatchUp(watch, after, from, cancel);
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            long from;
            await wanted.Task.WaitAsync(stoppingToken);
            lock (gate)
            {
                // Nobody has watched since: what happened meanwhile is nobody's news.
                from = position;
            }

            await Follow(from, stoppingToken);
        }
    }

    private async Task Follow(long from, CancellationToken cancel)
    {
        await foreach (var page in subscription.From(from, cancel))
        {
            // Whoever is told looks, and must see what they were told of: news wait for views as long as it takes.
            while (page.Events.Count > 0 && !await readers.Reached(page.Upto, FeedSubscription.LongestLook, cancel))
            {
            }

            var news = await Read(page.Events, cancel);
            lock (gate)
            {
                foreach (var watch in watches)
                    watch.Add(news, page.Upto);
                position = page.Upto;
                if (watches.Count > 0)
                    continue;
                position = -1;
                wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return;
            }
        }
    }

    // What a watcher has missed is read for them alone; what happens meanwhile waits in their watch.
    private async Task CatchUp(Watch watch, long? after, long upto, CancellationToken cancel)
    {
        if (after is not { } from || upto - from > MostCaughtUp)
        {
            watch.Reset(upto);
            return;
        }

        // No farther than views are: what is beyond comes by the way of all.
        watch.Add([], Math.Min(from, upto));
        while (from < upto)
        {
            var page = await feed.After(from, PageSize, tables.Keys.ToHashSet(), TimeSpan.Zero, cancel);
            if (page.Upto == from)
                break;
            watch.Add(await Read([.. page.Events.Where(one => one.Position <= upto)], cancel), Math.Min(page.Upto, upto));
            from = page.Upto;
        }
    }

    // An event that cannot be read is no news: it waits for an operator elsewhere.
    private async Task<IReadOnlyList<News>> Read(IReadOnlyList<RecordedEvent> events, CancellationToken cancel)
    {
        var last = events.Select(happened => tables.GetValueOrDefault(happened.Fact.GetType())?.Of(happened)).OfType<News>()
            .GroupBy(news => news.Key).Select(same => same.MaxBy(news => news.Position)!).OrderBy(news => news.Position).ToList();
        for (var at = 0; at < last.Count; at++)
        {
            if (last[at] is News.OfFile file)
                last[at] = file with { Audience = await AudienceOf(file.File, cancel) };
        }

        return last;
    }

    private async Task<Audience?> AudienceOf(FileId file, CancellationToken cancel)
    {
        try
        {
            return await audiences.Of(file, cancel);
        }
        catch (TransientException)
        {
            return null; // Views are away: every watcher asks the rules when they are back.
        }
    }

    private void Forget(Watch watch)
    {
        lock (gate)
            watches.Remove(watch);
    }

    private void EndAll()
    {
        lock (gate)
        {
            foreach (var watch in watches)
                watch.End();
        }
    }
}
