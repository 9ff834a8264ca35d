using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Tells this node's readers how far shared views are, whichever node writes them. It looks all the time while somebody
/// waits, and now and then when nobody does.
/// </summary>
internal sealed partial class PositionWatch(
    Slices slices, IViewStore store, IEventFeed feed, ReadPosition readers, ILogger<PositionWatch> log)
{
    // A projection that far behind the others is catching up: nobody waits a second for it with every request.
    private const long TooFarBehind = 10_000;

    private static readonly TimeSpan WhileWaiting = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan WhenQuiet = TimeSpan.FromMilliseconds(250);

    private readonly IProjection[] projections = [.. slices.All.SelectMany(slice => slice.Projections)];

    /// <summary>Nobody waits for these; null until it is known.</summary>
    public IReadOnlySet<string>? Paused { get; set; }

    public async Task Run(CancellationToken cancel)
    {
        var target = -1L;
        while (true)
        {
            try
            {
                if (target < 0)
                    target = await feed.Last(cancel);
                if (Paused is { } paused)
                    await Look(paused, target, cancel);
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                Failed(log, why);
                await Task.Delay(WhenQuiet, cancel);
            }

            if (readers.Waiting > 0)
                await Task.Delay(WhileWaiting, cancel);
            else
                await Task.WhenAny(Task.Delay(WhenQuiet, cancel), readers.WhenWanted());
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task Look(IReadOnlySet<string> paused, long target, CancellationToken cancel)
    {
        var all = await store.LivePositions(projections, cancel);
        // Views of another version serve as they are until they are replaced; where there are none yet, some will be.
        var positions = projections.Zip(all)
            .Where(one => !paused.Contains(one.First.Name) && (one.Second.Version == one.First.Version || one.Second.Version == 0))
            .Select(one => one.Second.Position).ToList();
        var furthest = positions.Count == 0 ? await feed.Last(cancel) : positions.Max();
        if (positions.TrueForAll(position => position >= target))
            readers.CatchUp();
        readers.Publish(positions.Where(position => position >= furthest - TooFarBehind).Append(furthest).Min());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How far the shared views are is not known; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
