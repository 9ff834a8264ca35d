using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Tries a shard's parked events again. A view may follow from several streams, so an event that comes late could make
/// something else of it than in its turn: the views concerned are made anew from the beginning, aside, and take the old
/// ones' places together. What fails again stays parked.
/// </summary>
internal sealed class Retry(IEventFeed feed, Head head, IParkedEvents parked)
{
    private const int PageSize = 10_000;

    public async Task Run(Shard shard, CancellationToken cancel)
    {
        while (await parked.Of(shard.Projection.Name, shard.Generation.Number, cancel) is { Count: > 0 } waiting)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var happened in Read(shard, waiting[0].Position - 1, shard.Position, cancel))
                keys.UnionWith(Concerned(shard, happened));

            var again = new FailedAgain();
            var made = Shard.OfKeys(shard.Projection, keys, again);
            while (made.Position < shard.Position - Head.PageSize)
                await Make(made, shard.Position, cancel);
            if (await head.AtRest(() => Replace(shard, made, again, waiting, cancel), cancel))
                return;
        }
    }

    // False when more views turned out to be concerned meanwhile.
    private async Task<bool> Replace(
        Shard shard, Shard made, FailedAgain again, IReadOnlyList<ParkedEvent> waiting, CancellationToken cancel)
    {
        await foreach (var happened in Read(shard, made.Position, shard.Position, cancel))
        {
            if (!Concerned(shard, happened).All(made.Keys!.Contains))
                return false;
        }

        while (made.Position < shard.Position)
            await Make(made, shard.Position, cancel);
        await shard.Replace(made, cancel);
        foreach (var (happened, why) in again.Events)
            await parked.Park(shard.Projection.Name, shard.Generation.Number, happened, why, cancel);
        foreach (var one in waiting.Where(one => !again.Events.Any(failed => failed.Happened.Position == one.Position)))
            await parked.Remove(one, cancel);
        shard.Block(await parked.Of(shard.Projection.Name, shard.Generation.Number, cancel));
        return true;
    }

    private async Task Make(Shard made, long upto, CancellationToken cancel)
    {
        made.Limit = upto;
        var page = await feed.After(made.Position, PageSize, made.Projection.Facts.ToHashSet(), TimeSpan.Zero, cancel);
        if (!await made.Take(page, cancel))
            throw new InvalidOperationException("Views could not be made anew.", made.Failure);
    }

    private async IAsyncEnumerable<RecordedEvent> Read(
        Shard shard, long after, long upto, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        while (after < upto)
        {
            var page = await feed.After(after, PageSize, shard.Projection.Facts.ToHashSet(), TimeSpan.Zero, cancel);
            foreach (var happened in page.Events.Where(happened => happened.Position <= upto))
                yield return happened;
            after = page.Upto;
        }
    }

    private static IEnumerable<string> Concerned(Shard shard, RecordedEvent happened)
    {
        try
        {
            return shard.IsBlocked(happened) && shard.Projection.KeyOf(happened) is { } key ? [key] : [];
        }
        catch (Exception)
        {
            return []; // It fails again, and stays parked.
        }
    }

    /// <summary>Notes what fails aside: whether it counts is known at the end.</summary>
    private sealed class FailedAgain : IParkedEvents
    {
        public List<(RecordedEvent Happened, Exception Why)> Events { get; } = [];

        public long Count => Events.Count;

        public Task Park(string subscriber, int generation, RecordedEvent happened, Exception why, CancellationToken cancel)
        {
            Events.Add((happened, why));
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<ParkedEvent>> Of(string subscriber, int generation, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<ParkedEvent>>([]);

        public Task Remove(ParkedEvent one, CancellationToken cancel) => Task.CompletedTask;

        public Task KeepOnly(string subscriber, IReadOnlyCollection<int> generations, CancellationToken cancel) => Task.CompletedTask;
    }
}
