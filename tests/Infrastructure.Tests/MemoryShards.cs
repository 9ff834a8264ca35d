using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests;

/// <summary>Parked events of a node without a database.</summary>
internal sealed class MemoryParkedEvents : IParkedEvents
{
    private readonly Lock gate = new();
    private readonly List<ParkedEvent> all = [];

    public long Count => All.Count;

    public IReadOnlyList<ParkedEvent> All
    {
        get
        {
            lock (gate)
                return [.. all.OrderBy(one => one.Position)];
        }
    }

    public Task Park(string subscriber, int generation, RecordedEvent happened, Exception why, CancellationToken cancel)
    {
        lock (gate)
        {
            var tries = 1 + all.Where(Is).Sum(one => one.Tries);
            all.RemoveAll(Is);
            all.Add(new ParkedEvent(
                subscriber, generation, happened.Stream.Name, happened.Version, happened.Position, happened.Name,
                ParkedEvents.Describe(why), tries, happened.At));
        }

        return Task.CompletedTask;

        bool Is(ParkedEvent one) =>
            one.Subscriber == subscriber && one.Generation == generation && one.Position == happened.Position;
    }

    public Task<IReadOnlyList<ParkedEvent>> Of(string subscriber, int generation, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ParkedEvent>>(
            [.. All.Where(one => one.Subscriber == subscriber && one.Generation == generation)]);

    public Task Remove(ParkedEvent one, CancellationToken cancel)
    {
        lock (gate)
            all.Remove(one);
        return Task.CompletedTask;
    }

    public Task KeepOnly(string subscriber, IReadOnlyCollection<int> generations, CancellationToken cancel)
    {
        lock (gate)
            all.RemoveAll(one => one.Subscriber == subscriber && !generations.Contains(one.Generation));
        return Task.CompletedTask;
    }
}

/// <summary>Wishes and reports of a node without a database.</summary>
internal sealed class MemoryShardTable : IShardTable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (ShardWishes Wishes, ShardReport? Report)> rows = new(StringComparer.Ordinal);

    public ShardReport? Report(string projection)
    {
        lock (gate)
            return rows.GetValueOrDefault(projection).Report;
    }

    public Task Enroll(IReadOnlyCollection<string> projections, CancellationToken cancel)
    {
        lock (gate)
        {
            foreach (var name in projections)
                rows.TryAdd(name, (new ShardWishes(false, null, null, null, false, false, null, false, 0), null));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, ShardWishes>> Read(CancellationToken cancel)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, ShardWishes>>(
                rows.ToDictionary(row => row.Key, row => row.Value.Wishes, StringComparer.Ordinal));
        }
    }

    public Task Report(IReadOnlyCollection<ShardReport> reports, CancellationToken cancel)
    {
        lock (gate)
        {
            foreach (var report in reports)
                rows[report.Projection] = (rows[report.Projection].Wishes with { StoodAt = report.Position }, report);
        }

        return Task.CompletedTask;
    }

    public void Wish(string projection, Func<ShardWishes, ShardWishes> change)
    {
        lock (gate)
            rows[projection] = (change(rows[projection].Wishes), rows[projection].Report);
    }

    public Task Began(string projection, DateTimeOffset askedAt, CancellationToken cancel) =>
        Change(projection, wishes => wishes with { BegunFor = askedAt, IsSwitchAsked = false });

    public Task Compared(string projection, Verdict verdict, CancellationToken cancel) =>
        Change(projection, wishes => wishes with { Compare = null });

    public Task Ended(string projection, int live, CancellationToken cancel) => Change(projection, wishes => wishes with
    {
        Rebuild = wishes.AskedAt == wishes.BegunFor ? null : wishes.Rebuild,
        IsSwitchAsked = false,
        IsDiscardAsked = false,
        Compare = null,
    });

    public Task Discarded(string projection, int live, CancellationToken cancel) => Ended(projection, live, cancel);

    public Task Retried(string projection, CancellationToken cancel) =>
        Change(projection, wishes => wishes with { IsRetryAsked = false });

    private Task Change(string projection, Func<ShardWishes, ShardWishes> change)
    {
        Wish(projection, change);
        return Task.CompletedTask;
    }
}
