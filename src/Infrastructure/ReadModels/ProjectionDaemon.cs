using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Builds all views from the beginning of the log, then keeps them current.</summary>
internal sealed partial class ProjectionDaemon(
    IEventFeed feed, MemoryReadModels models, ReadPosition position, ReadModelMetrics metrics, TimeProvider clock,
    ILogger<ProjectionDaemon> log) : BackgroundService
{
    private const int PageSize = 2000;

    // Publishing seals the index trees, which then are copied where they change: in a rebuild it is worth doing seldom.
    private const int PagesInRebuild = 100;


    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = clock.GetTimestamp();
        var subscription = new FeedSubscription("Projections", feed, models.Facts, PageSize, clock, log);
        var last = await subscription.Last(stoppingToken);
        if (last == 0)
            position.CatchUp();
        var unpublished = 0;
        await foreach (var page in subscription.From(0, stoppingToken))
        {
            models.Apply(page.Events);
            if (page.Upto < last && ++unpublished < PagesInRebuild)
                continue;

            unpublished = 0;
            models.Publish();
            position.Publish(page.Upto);
            metrics.Lag = page.Events is [.., var latest] ? clock.GetUtcNow() - latest.At : TimeSpan.Zero;
            if (page.Upto < last)
            {
                Rebuilding(log, page.Upto, last);
            }
            else if (!position.IsCaughtUp)
            {
                position.CatchUp();
                CaughtUp(log, page.Upto, clock.GetElapsedTime(start).TotalSeconds);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The views are being rebuilt; they stand at position {Position} of {Last}")]
    private static partial void Rebuilding(ILogger log, long position, long last);

    [LoggerMessage(Level = LogLevel.Information, Message = "The views stand at position {Position}, {Seconds:F1} s after the start")]
    private static partial void CaughtUp(ILogger log, long position, double seconds);
}
