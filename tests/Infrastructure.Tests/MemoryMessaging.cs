using EventFiles.Infrastructure.Messaging;

namespace EventFiles.Infrastructure.Tests;

/// <summary>Dead letters of a node without a database.</summary>
internal sealed class MemoryDeadLetters(TimeProvider clock) : IDeadLetterBox, IDeadLetters
{
    private readonly Lock gate = new();
    private readonly List<(Message Message, DeadLetter Letter)> letters = [];
    private readonly Dictionary<Guid, int> times = [];
    private int failures;

    /// <summary>The next so many cannot be written down.</summary>
    public void Fail(int times) => Interlocked.Exchange(ref failures, times);

    public Task Add(Message message, string error, int tries, CancellationToken cancel)
    {
        if (Interlocked.Decrement(ref failures) >= 0)
            throw new TimeoutException("The database is away.");
        lock (gate)
        {
            var at = letters.FindIndex(one => (one.Message.Type, one.Message.Body) == (message.Type, message.Body));
            var id = at < 0 ? Guid.CreateVersion7(clock.GetUtcNow()) : letters[at].Letter.Id;
            if (at >= 0)
                letters.RemoveAt(at);
            times[id] = times.GetValueOrDefault(id) + 1;
            letters.Add((message, new DeadLetter(
                id, message.Kind, message.Type, message.Body, error, tries, clock.GetUtcNow(), false, message.CorrelationId,
                message.CausationId)));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AskedLetter>> Asked(int limit, CancellationToken cancel)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AskedLetter>>(
            [
                .. letters.Where(one => one.Letter.Retrying).Take(limit)
                    .Select(one => new AskedLetter(one.Letter.Id, times[one.Letter.Id], one.Message)),
            ]);
        }
    }

    public Task Forget(AskedLetter letter, CancellationToken cancel)
    {
        lock (gate)
            letters.RemoveAll(one => one.Letter.Id == letter.Id && one.Letter.Retrying && times[letter.Id] == letter.Times);
        return Task.CompletedTask;
    }

    public Task<int> Count(CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult(letters.Count);
    }

    public Task<IReadOnlyList<DeadLetter>> List(int limit, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<DeadLetter>>([.. letters.Take(limit).Select(one => one.Letter)]);
    }

    public async Task<DeadLetter?> Find(Guid id, CancellationToken cancel) =>
        (await List(int.MaxValue, cancel)).FirstOrDefault(one => one.Id == id);

    public Task<bool> Retry(Guid id, CancellationToken cancel)
    {
        lock (gate)
        {
            var at = letters.FindIndex(one => one.Letter.Id == id);
            if (at >= 0)
                letters[at] = (letters[at].Message, letters[at].Letter with { Retrying = true });
            return Task.FromResult(at >= 0);
        }
    }

    public Task<bool> Discard(Guid id, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult(letters.RemoveAll(one => one.Letter.Id == id) == 1);
    }
}

/// <summary>Reports of a node without a database.</summary>
internal sealed class MemoryQueueTable : IQueueTable
{
    public IReadOnlyCollection<QueueReport> Last { get; private set; } = [];

    public Task Report(IReadOnlyCollection<QueueReport> reports, CancellationToken cancel)
    {
        Last = reports;
        return Task.CompletedTask;
    }
}

/// <summary>A database that is away when a test says so.</summary>
internal sealed class ManualOutage : IOutage
{
    private TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isAway;
    private int waiting;

    /// <summary>How many wait for its end.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    public void Begin() => (isAway, over) = (true, new(TaskCreationOptions.RunContinuationsAsynchronously));

    public void End()
    {
        isAway = false;
        over.TrySetResult();
    }

    public bool MayBe(Exception why) => why is TimeoutException;

    public async Task<bool> Over(CancellationToken cancel)
    {
        if (!isAway)
            return false;
        Interlocked.Increment(ref waiting);
        await over.Task.WaitAsync(cancel);
        return true;
    }
}
