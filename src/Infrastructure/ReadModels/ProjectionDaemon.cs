using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Keeps the projections of this node: looks again and again what operators wish, lets each projection's keeper take a
/// step, sends what is behind to catch up, and reports.
/// </summary>
internal sealed partial class ProjectionDaemon(
    Slices slices, IViewStore store, IShardTable table, IParkedEvents parked, ILeases leases, Head head, CatchUp catchUp,
    PositionWatch watch, Comparison comparison, Retry retry, ILogger<Keeper> keeperLog, ILogger<ProjectionDaemon> log) :
    BackgroundService
{
    // Wall time, not the product's clock: how often one looks is nobody's business but the machine's.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(5);

    private readonly Keeper[] keepers =
    [
        .. slices.All.SelectMany(slice => slice.Projections)
            .Select(shown => new Keeper(shown, store, table, parked, head, comparison, retry, keeperLog)),
    ];

    private readonly List<Task> catchingUp = [];
    private List<ShardReport> reported = [];
    private long reportedAt;
    private bool isEnrolled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var following = head.Run(stoppingToken);
        var watching = store.IsShared ? watch.Run(stoppingToken) : Task.Delay(Timeout.Infinite, stoppingToken);
        // They are given back when nothing is written any more: the next node begins where this one ended.
        using var holding = new CancellationTokenSource();
        var leasing = leases.Run([.. keepers.Select(keeper => keeper.Name)], holding.Token);
        try
        {
            while (!following.IsCompleted && !watching.IsCompleted && !leasing.IsCompleted)
            {
                try
                {
                    await Step(stoppingToken);
                }
                catch (Exception why) when (!stoppingToken.IsCancellationRequested)
                {
                    Failed(log, why);
                }

                await Task.WhenAny(following, watching, leasing, Task.Delay(Pace, stoppingToken));
            }
        }
        finally
        {
            foreach (var task in catchingUp)
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var keeper in keepers)
                await keeper.Release(CancellationToken.None);
            await holding.CancelAsync();
            await leasing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await await Task.WhenAny(following, watching, leasing);
    }

    private async Task Step(CancellationToken cancel)
    {
        if (!isEnrolled)
            await table.Enroll([.. keepers.Select(keeper => keeper.Name)], cancel);
        var wishes = await table.Read(cancel);
        watch.Paused = wishes.Where(one => one.Value.IsPaused).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        var (held, stand) = (leases.Held, await Look(cancel));
        var behind = new List<Shard>();
        var reports = new List<ShardReport>();
        for (var i = 0; i < keepers.Length; i++)
        {
            if (held.Contains(keepers[i].Name))
                reports.Add(await keepers[i].Step(wishes[keepers[i].Name], stand?[i], behind, cancel));
            else
                await keepers[i].Release(cancel);
        }

        // In memory the first shards begin together, even if there are none: readers wait for the head.
        if (behind.Count > 0 || (!isEnrolled && !store.IsShared))
        {
            catchingUp.RemoveAll(task => task.IsCompleted);
            catchingUp.Add(Task.Run(() => Bring(behind, cancel), cancel));
        }

        isEnrolled = true;
        if (reports.SequenceEqual(reported) && Stopwatch.GetElapsedTime(reportedAt) < BetweenReports)
            return;
        await table.Report(reports, cancel);
        (reported, reportedAt) = (reports, Stopwatch.GetTimestamp());
    }

    // Null when it cannot be known: then keepers find out for themselves what they can do.
    private async Task<IReadOnlyList<Standing>?> Look(CancellationToken cancel)
    {
        try
        {
            return await store.Look([.. keepers.Select(keeper => keeper.Projection)], cancel);
        }
        catch (TransientException)
        {
            return null;
        }
    }

    private async Task Bring(List<Shard> behind, CancellationToken cancel)
    {
        try
        {
            await catchUp.Run(behind, cancel);
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            Failed(log, why);
            foreach (var shard in behind)
                shard.Fail(why);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The projections cannot be kept; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
