using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Tells this node's readers how far shared views are, whichever node writes them. It looks often while somebody waits,
/// and now and then when nobody does.
/// </summary>
internal sealed partial class PositionWatch(
    Slices slices, IViewStore store, IEventFeed feed, ReadPosition readers, ILogger<PositionWatch> log)
{
    // A projection that far behind the others is catching up: nobody waits a second for it with every request.
    private const long TooFarBehind = 10_000;

    // Wall time. Who waits mostly waits for some milliseconds; who waits longer is not helped by looking as often.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(16);
    private static readonly TimeSpan WhenQuiet = TimeSpan.FromMilliseconds(250);

    private readonly IProjection[] projections = [.. slices.All.SelectMany(slice => slice.Projections)];
    private long target = -1;
    private long seen;
    private bool isFailing;

    /// <summary>Nobody waits for these; null until it is known.</summary>
    public IReadOnlySet<string>? Paused { get; set; }

    public async Task Run(CancellationToken cancel)
    {
        var pause = Shortest;
        while (true)
        {
            var before = readers.Applied;
            try
            {
                if (Paused is { } paused)
                    await Look(paused, cancel);
                isFailing = false;
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                readers.FallBehind();
                if (!isFailing)
                    Failed(log, why);
                isFailing = true;
                await Task.Delay(WhenQuiet, cancel);
            }

            var isWaitedFor = readers.Waiting > 0;
            pause = !isWaitedFor || readers.Applied > before ? Shortest : pause < Longest ? 2 * pause : Longest;
            if (isWaitedFor)
                await Task.Delay(pause, cancel);
            else
                await Task.WhenAny(Task.Delay(WhenQuiet, cancel), readers.WhenWanted());
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task Look(IReadOnlySet<string> paused, CancellationToken cancel)
    {
        if (target < 0)
            target = await feed.Last(cancel);
        var all = await store.Look(projections, cancel);
        // Views of another version serve as they are until they are replaced.
        var waitedFor = projections.Zip(all)
            .Where(one => !paused.Contains(one.First.Name) && (one.Second.Version == one.First.Version || !one.Second.IsWhole))
            .Select(one => one.Second).ToList();
        var positions = waitedFor.Where(one => one.IsWhole).Select(one => one.Position).ToList();
        var furthest = positions.Count > 0 ? positions.Max() : waitedFor.Count > 0 ? 0 : await feed.Last(cancel);
        var shown = positions.Where(position => position >= furthest - TooFarBehind).Append(furthest).Min();
        // A store that was restored from a copy is a start like the first.
        if (furthest < seen)
            target = await feed.Last(cancel);
        seen = furthest;
        if (waitedFor.TrueForAll(one => one.IsWhole && one.Position >= target))
            readers.CatchUp();
        else if (furthest < target || waitedFor.Exists(one => !one.IsWhole))
            readers.FallBehind();
        readers.GoBack(shown);
        readers.Publish(shown);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How far the shared views are is not known; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
