using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests;

/// <summary>
/// A log in memory that keeps the feed's promises: exact order, filtered, with gaps, waiting for a commit, and silent
/// about what is committed behind an open transaction.
/// </summary>
internal sealed class MemoryFeed(TimeProvider clock) : IEventFeed
{
    // Nobody rings when a transaction ends.
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(2);

    private readonly Lock gate = new();
    private readonly List<RecordedEvent> log = [];
    private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int failures;
    private long openAfter = long.MaxValue;
    private int emptyPages;

    public long Head
    {
        get
        {
            lock (gate)
                return log.Count == 0 ? 0 : log[^1].Position;
        }
    }

    /// <summary>A transaction is open: nothing after this position is settled.</summary>
    public long OpenAfter
    {
        get => Interlocked.Read(ref openAfter);
        set => Interlocked.Exchange(ref openAfter, value);
    }

    /// <summary>How often somebody looked and found nothing.</summary>
    public int EmptyPages => Volatile.Read(ref emptyPages);

    /// <summary>The next so many looks fail.</summary>
    public void Fail(int times) => Interlocked.Exchange(ref failures, times);

    public long Append(params object[] facts) => AppendOf(default, facts);

    /// <summary>The log holds what should be this fact, and nobody can read it.</summary>
    public long AppendUnreadable(object fact)
    {
        var position = Append(fact);
        lock (gate)
            log[^1] = log[^1] with { Fact = new Unreadable(fact.GetType(), new FormatException("The body is damaged.")) };
        return position;
    }

    public long AppendOf(AccountId owner, params object[] facts)
    {
        lock (gate)
        {
            foreach (var fact in facts)
            {
                // Every third number is a gap, as a rolled back transaction leaves it.
                var position = Head + (log.Count % 3 == 2 ? 2 : 1);
                log.Add(new RecordedEvent(
                    position, Shelf.StreamOf(fact) with { Tenant = owner }, log.Count + 1, Guid.CreateVersion7(), fact.GetType().Name,
                    clock.GetUtcNow(), fact)
                { CorrelationId = "0af7651916cd43dd8448eb211c80319c" });
            }

            grown.TrySetResult();
            grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return Head;
        }
    }

    public IReadOnlyList<RecordedEvent> All()
    {
        lock (gate)
            return [.. log];
    }

    public Task<long> Last(CancellationToken cancel) => Task.FromResult(Head);

    public async Task<FeedPage> After(
        long position, int limit, IReadOnlySet<Type>? facts, TimeSpan wait, CancellationToken cancel)
    {
        if (Interlocked.Decrement(ref failures) >= 0)
            throw new TimeoutException("The database is away.");
        for (var looked = false; ; looked = true)
        {
            Task more;
            lock (gate)
            {
                var page = log.SkipWhile(happened => happened.Position <= position)
                    .TakeWhile(happened => happened.Position <= OpenAfter)
                    .Where(happened => facts is null || facts.Contains(Unreadable.FactOf(happened)))
                    .Take(limit).ToList();
                var settled = Math.Min(Head, OpenAfter);
                if (page.Count == 0 && looked)
                    Interlocked.Increment(ref emptyPages);
                if (page.Count > 0 || settled > position || looked)
                    return new FeedPage(page, page.Count == limit ? page[^1].Position : Math.Max(settled, position));
                more = grown.Task;
            }

            if (wait > TimeSpan.Zero)
                await Task.WhenAny(more, Task.Delay(OpenAfter == long.MaxValue ? wait : Brief, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }
}

/// <summary>Checkpoints in memory, moved by compare-and-set.</summary>
internal sealed class MemoryCheckpoints : ICheckpoints
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> positions = new(StringComparer.Ordinal);

    /// <summary>Told of every move before it is done.</summary>
    public Action<long>? Moving { get; set; }

    public long this[string name]
    {
        get
        {
            lock (gate)
                return positions.GetValueOrDefault(name);
        }
        set
        {
            lock (gate)
                positions[name] = value;
        }
    }

    public Task<long> Load(string name, CancellationToken cancel) => Task.FromResult(this[name]);

    public Task<bool> Move(string name, long from, long to, CancellationToken cancel)
    {
        lock (gate)
        {
            if (positions.GetValueOrDefault(name) != from)
                return Task.FromResult(false);
            Moving?.Invoke(to);
            positions[name] = to;
            return Task.FromResult(true);
        }
    }
}
