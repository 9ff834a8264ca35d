using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Past;

/// <summary>
/// Follows the log and keeps what makes one projection's past cheap to show. Nobody waits for it but who looks back to
/// what has only just happened, so it looks seldom and takes much at once.
/// </summary>
internal sealed partial class PastKeeper(
    IProjection projection, PastSettings settings, IEventFeed feed, Recall recall, PastSnapshots snapshots, PastPlaces places,
    TimeProvider clock, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim bell = new(0, 1);
    private readonly IReadOnlySet<Type> facts = projection.IsIndexed ? projection.Facts.ToHashSet() : new HashSet<Type>();
    private TaskCompletionSource advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long kept = -1;

    public IProjection Projection => projection;

    /// <summary>Until it is stopped. A database that is away is waited for.</summary>
    public async Task Run(CancellationToken cancel)
    {
        for (var failures = 0; !cancel.IsCancellationRequested;)
        {
            try
            {
                await CatchUp(cancel);
                failures = 0;
                await bell.WaitAsync(settings.Pause, cancel);
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                Failed(log, why, projection.Name, ++failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Waits until the past is kept up to a position; false when that takes too long.</summary>
    public async Task<bool> Reaches(long position, TimeSpan atMost, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(atMost);
        while (true)
        {
            var next = Volatile.Read(ref advanced).Task;
            if (Volatile.Read(ref kept) >= position)
                return true;
            Ring();
            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return Volatile.Read(ref kept) >= position;
            }
        }
    }

    public void Dispose() => bell.Dispose();

    private void Ring()
    {
        if (bell.CurrentCount > 0)
            return;
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has just rung.
        }
    }

    private async Task CatchUp(CancellationToken cancel)
    {
        var at = kept >= 0 ? kept : await Begin(cancel);
        while (true)
        {
            Reached(at);
            var page = await feed.After(at, settings.PageSize, facts, TimeSpan.Zero, cancel);
            if (page.Upto <= at)
                return;
            var changes = await Fold(page.Events, at, cancel);
            await TakeSnapshots(at, page.Upto, cancel);
            at = await places.Write(projection, at, page.Upto, changes.Closed, changes.Opened, cancel)
                ? page.Upto
                : await places.Position(projection, cancel) ?? 0;
        }
    }

    private async Task<long> Begin(CancellationToken cancel)
    {
        if (await places.Position(projection, cancel) is { } position)
            return position;
        await places.Begin(projection, cancel);
        return 0;
    }

    private void Reached(long position)
    {
        Volatile.Write(ref kept, position);
        Interlocked.Exchange(ref advanced, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private async Task<PlaceChanges> Fold(IReadOnlyList<RecordedEvent> events, long after, CancellationToken cancel)
    {
        var changes = new PlaceChanges();
        var told = events.Select(happened => (Group: Recollection.GroupOf(projection, happened.Stream.Name), Happened: happened))
            .Where(pair => pair.Group is not null).ToList();
        if (told.Count == 0)
            return changes;

        var states = new Dictionary<string, Recollection>(
            await recall.At(projection, told.Select(pair => pair.Group!).ToHashSet(StringComparer.Ordinal), after, cancel), StringComparer.Ordinal);
        foreach (var (group, happened) in told)
        {
            if (!states.TryGetValue(group!, out var state))
                states.Add(group!, state = Recollection.Nothing(projection, happened.Stream.Tenant));
            if (projection.KeyOf(happened) is not { } key)
                continue;
            var (before, owner) = (PlacesOf(key, state), state.Tenant);
            recall.Take(projection, state, happened);
            changes.Add(before, PlacesOf(key, state), group!, happened, isHandedOver: state.Tenant != owner);
        }

        return changes;
    }

    private HashSet<PlaceInPast> PlacesOf(string key, Recollection state) => state.Views.TryGetValue(key, out var view)
        ? [.. projection.Entries(key, view).Select(entry => new PlaceInPast(entry.Index, entry.Sort, key))]
        : [];

    // They stand on their own: one that is written although the stretch is not is right all the same.
    private async Task TakeSnapshots(long after, long upto, CancellationToken cancel)
    {
        foreach (var (stream, position) in await snapshots.Due(projection, after, upto, settings.SnapshotEvery, cancel))
        {
            if (Recollection.GroupOf(projection, stream) is not { } group)
                continue;
            var recalled = await recall.At(projection, [group], position, cancel);
            // Writing many views down is worth it only after as many events.
            if (recalled.TryGetValue(group, out var state) && state.EventsRead >= state.Views.Count)
                await snapshots.Put(projection, group, position, state, cancel);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The past of {Projection} cannot be kept up (failure {Failures}); trying again")]
    private static partial void Failed(ILogger log, Exception why, string projection, int failures);
}

/// <summary>How the past is kept.</summary>
/// <param name="SnapshotEvery">After so many events of a stream; looking back folds at most twice as many of each.</param>
/// <param name="PageSize">So many events at once.</param>
/// <param name="Pause">How long it rests when nobody waits.</param>
internal sealed record PastSettings(int SnapshotEvery, int PageSize, TimeSpan Pause)
{
    public static readonly PastSettings Usual = new(256, 2000, TimeSpan.FromSeconds(1));
}
