namespace EventFiles.Infrastructure.EventStore;

/// <summary>Reads the settled part of the log, and waits for it to grow.</summary>
internal sealed class EventFeed(EventReader reader, HighWater highWater, EventTypes types) : IEventFeed
{
    // A reader of rare facts gets an empty page now and then, and with it progress to write down.
    private const int MaxStretch = 50_000;

    public async Task<FeedPage> After(
        long position, int limit, IReadOnlySet<Type>? facts, TimeSpan wait, CancellationToken cancel)
    {
        var names = facts is null ? null : types.Names(facts);
        if (!await highWater.Passes(position, wait, cancel))
            return new FeedPage([], position);

        var upto = Math.Min(highWater.Settled, position + MaxStretch);
        var events = await reader.Stretch(position, upto, limit, names, cancel);
        return new FeedPage(events, events.Count == limit ? events[^1].Position : upto);
    }

    public Task<long> Last(CancellationToken cancel) => reader.Last(cancel);
}
