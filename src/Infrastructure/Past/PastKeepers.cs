using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Past;

/// <summary>One keeper for each projection whose past can be had.</summary>
internal sealed class PastKeepers : BackgroundService
{
    private readonly Dictionary<Type, PastKeeper> byView;

    public PastKeepers(
        Slices slices, PastSettings settings, IEventFeed feed, Recall recall, PastSnapshots snapshots, PastPlaces places,
        TimeProvider clock, ILogger<PastKeepers> log) =>
        byView = slices.All.SelectMany(slice => slice.Projections)
            .Where(projection => projection.RecalledFrom.Count > 0)
            .ToDictionary(
                projection => projection.View,
                projection => new PastKeeper(projection, settings, feed, recall, snapshots, places, clock, log));

    public PastKeeper Of(Type view) => byView.GetValueOrDefault(view)
        ?? throw new InvalidOperationException($"No slice says from which streams {view} is recalled.");

    public override void Dispose()
    {
        base.Dispose();
        foreach (var keeper in byView.Values)
            keeper.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(byView.Values.Select(keeper => keeper.Run(stoppingToken)));
}
