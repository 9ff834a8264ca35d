using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// One generation of one projection, following the log. Pages come in order; what it has seen before it drops, so the
/// same page twice is the same as once. An event that no fold can take is parked, and what follows in its stream waits
/// behind it: a view never shows an event whose predecessor it lacks. All other streams go on.
/// </summary>
internal sealed class Shard
{
    private readonly IParkedEvents parked;
    private readonly HashSet<Type> facts;
    private Dictionary<string, long> blocked = new(StringComparer.Ordinal);
    private HashSet<string>? touched;

    private Shard(IProjection projection, IGeneration generation, long position, IParkedEvents parked)
    {
        (Projection, Generation, Position, this.parked) = (projection, generation, position, parked);
        facts = [.. projection.Facts];
    }

    public IProjection Projection { get; }

    public IGeneration Generation { get; }

    /// <summary>Every event up to here is in its views, or parked.</summary>
    public long Position { get; private set; }

    /// <summary>It takes nothing after this position.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>Only views with these keys are made; null for all.</summary>
    public IReadOnlySet<string>? Keys { get; init; }

    /// <summary>Nobody needs it any more, whatever it is doing.</summary>
    public bool IsOver { get; set; }

    /// <summary>Why it is of no use any more; null while it is. Another must be opened in its place.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Where the generation stands, and what was parked on its way there.</summary>
    public static async Task<Shard> Open(
        IProjection projection, IGeneration generation, IParkedEvents parked, CancellationToken cancel)
    {
        var shard = new Shard(projection, generation, await generation.Position(cancel), parked);
        shard.Block(await parked.Of(projection.Name, generation.Number, cancel));
        return shard;
    }

    /// <summary>Makes a few views anew, from the beginning, to replace others.</summary>
    public static Shard OfKeys(IProjection projection, IReadOnlySet<string> keys, IParkedEvents parked) =>
        new(projection, new MemoryGeneration(projection, 0), 0, parked) { Keys = keys };

    /// <summary>From now on these streams wait, each behind its first parked event, and no others.</summary>
    public void Block(IEnumerable<ParkedEvent> waiting) => blocked = waiting
        .GroupBy(one => one.Stream, StringComparer.Ordinal)
        .ToDictionary(stream => stream.Key, stream => stream.Min(one => one.Version), StringComparer.Ordinal);

    /// <summary>The event waits, or would: it is parked, or stands behind one that is.</summary>
    public bool IsBlocked(RecordedEvent happened) =>
        blocked.TryGetValue(happened.Stream.Name, out var from) && happened.Version >= from;

    /// <summary>From now on the keys of changed views are noted; what was noted before is given, and forgotten.</summary>
    public IReadOnlyCollection<string> Watch()
    {
        var before = touched ?? [];
        touched = new HashSet<string>(StringComparer.Ordinal);
        return before;
    }

    public void EndWatch() => touched = null;

    /// <summary>Takes a page in. When it cannot, <see cref="Failure"/> says why.</summary>
    public async Task<bool> Take(FeedPage page, CancellationToken cancel)
    {
        try
        {
            if (await Apply(page, cancel))
                return true;
            Failure = new InvalidOperationException("Another node writes these views, or they are gone.");
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            Failure = why;
        }

        return false;
    }

    /// <summary>It cannot go on.</summary>
    public void Fail(Exception why) => Failure ??= why;

    /// <summary>Puts the views that <paramref name="made"/> has for its keys in the place of this shard's.</summary>
    public async Task Replace(Shard made, CancellationToken cancel)
    {
        foreach (var keys in made.Keys!.Chunk(Math.Min(1000, Generation.LargestBatch)))
        {
            var (before, after) = (await Generation.Load(keys, cancel), await made.Generation.Load(keys, cancel));
            var stored = await made.Generation.Read(keys, cancel);
            var changes = keys.Select((key, i) => new ViewChange(
                key, after[i], stored[i]?.Position ?? 0, Entries(key, before[i]), Entries(key, after[i]))).ToList();
            if (!await Generation.Apply(new ViewBatch(Position, Position, changes), cancel))
                throw new InvalidOperationException("Another node writes these views, or they are gone.");
            touched?.UnionWith(keys);
        }

        Generation.Publish();

        HashSet<IndexEntry> Entries(string key, object? view) => view is null ? [] : [.. Projection.Entries(key, view)];
    }

    private async ValueTask<bool> Apply(FeedPage page, CancellationToken cancel)
    {
        var upto = Math.Min(page.Upto, Limit);
        if (upto <= Position)
            return true;

        var mine = new List<RecordedEvent>(page.Events.Count);
        foreach (var happened in page.Events)
        {
            if (happened.Position > Position && happened.Position <= upto && facts.Contains(Unreadable.FactOf(happened)))
                mine.Add(happened);
        }

        while (mine.Count > Generation.LargestBatch)
        {
            var first = mine[..Generation.LargestBatch];
            if (!await Apply(first, first[^1].Position, cancel))
                return false;
            mine.RemoveRange(0, first.Count);
        }

        return await Apply(mine, upto, cancel);
    }

    private async ValueTask<bool> Apply(List<RecordedEvent> events, long upto, CancellationToken cancel)
    {
        var batch = new ViewBatch(Position, upto, events.Count == 0 ? [] : await Fold(events, cancel));
        if (batch.Changes.Count > 0)
            KillPoint.Reach("projection.folded");
        if (!await Generation.Apply(batch, cancel))
            return false;
        if (batch.Changes.Count > 0)
            KillPoint.Reach("projection.written");
        Position = upto;
        touched?.UnionWith(batch.Changes.Select(change => change.Key));
        return true;
    }

    private async ValueTask<List<ViewChange>> Fold(List<RecordedEvent> events, CancellationToken cancel)
    {
        var (drafts, concerned, failures) = Concerned(events);
        var before = await Generation.Load([.. drafts.Keys], cancel);
        foreach (var (draft, view) in drafts.Values.Zip(before))
            draft.Begin(Projection, view);

        for (var i = 0; i < events.Count; i++)
        {
            var happened = events[i];
            if (IsBlocked(happened))
                continue;
            var why = failures?.GetValueOrDefault(i);
            if (why is null && concerned[i] is { } draft)
                why = draft.Take(Projection, happened);
            if (why is null)
                continue;
            await parked.Park(Projection.Name, Generation.Number, happened, why, cancel);
            blocked.Add(happened.Stream.Name, happened.Version);
        }

        return [.. drafts.Values.Where(draft => draft.HasChanged).Select(draft => draft.ToChange())];
    }

    private (Dictionary<string, Draft> Drafts, Draft?[] OfEvents, Dictionary<int, Exception>? Failures) Concerned(
        List<RecordedEvent> events)
    {
        var drafts = new Dictionary<string, Draft>(StringComparer.Ordinal);
        var ofEvents = new Draft?[events.Count];
        Dictionary<int, Exception>? failures = null;
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Fact is Unreadable broken)
            {
                (failures ??= []).Add(i, broken.Why);
                continue;
            }

            try
            {
                if (Projection.KeyOf(events[i]) is not { } key || Keys?.Contains(key) is false)
                    continue;
                if (!drafts.TryGetValue(key, out var draft))
                    drafts.Add(key, draft = new Draft(key));
                ofEvents[i] = draft;
            }
            catch (Exception why)
            {
                (failures ??= []).Add(i, why);
            }
        }

        return (drafts, ofEvents, failures);
    }

    /// <summary>A view on its way through a page.</summary>
    private sealed class Draft(string key)
    {
        private object? before;
        private object? view;
        private HashSet<IndexEntry> left = [];
        private HashSet<IndexEntry> entered = [];
        private long position;

        public bool HasChanged => !Equals(before, view);

        public void Begin(IProjection projection, object? stored)
        {
            before = view = stored;
            entered = left = stored is null ? [] : [.. projection.Entries(key, stored)];
        }

        /// <summary>Why the projection cannot take it; then nothing has changed.</summary>
        public Exception? Take(IProjection projection, RecordedEvent happened)
        {
            try
            {
                var after = projection.Fold(view, happened);
                if (Equals(view, after))
                    return null;
                entered = after is null ? [] : [.. projection.Entries(key, after)];
                (view, position) = (after, happened.Position);
                return null;
            }
            catch (Exception why)
            {
                return why;
            }
        }

        public ViewChange ToChange() => new(key, view, position, left, entered);
    }
}
