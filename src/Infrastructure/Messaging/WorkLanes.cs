namespace EventFiles.Infrastructure.Messaging;

/// <summary>Work as messages, for whoever has it in that form: what an operator wants tried again.</summary>
internal interface IMessageQueue
{
    /// <summary>Completes when the work cannot be lost any more.</summary>
    Task Send(Message message, DateTimeOffset? notBefore, CancellationToken cancel);
}

/// <summary>This node's lanes, one for each kind of work; none while nobody works here.</summary>
internal sealed class WorkLanes(WorkFormat format, MessagingSettings settings, MessagingMetrics metrics, TimeProvider clock) : IDisposable
{
    private Dictionary<string, WorkLane> lanes = [];

    public IReadOnlyDictionary<string, WorkLane> All => lanes;

    public int Running => lanes.Values.Sum(lane => lane.Running);

    /// <summary>The lane of a kind.</summary>
    /// <exception cref="InvalidOperationException">There is no such kind of work.</exception>
    public WorkLane this[string kind] => lanes.GetValueOrDefault(kind)
        ?? throw new InvalidOperationException($"There is no queue {kind}.");

    /// <summary>Makes the lanes.</summary>
    /// <param name="run">Runs one delivery; must not throw.</param>
    public void Open(Func<Delivery, Task> run)
    {
        lanes = format.Kinds.ToDictionary(
            kind => kind, kind => new WorkLane(settings.ConcurrencyFor(kind), run, clock), StringComparer.Ordinal);
        metrics.Watch(lanes);
    }

    /// <summary>Completes when all that runs has ended; nothing more begins.</summary>
    public Task Stop() => Task.WhenAll(lanes.Values.Select(lane => lane.Stop()));

    public void Dispose()
    {
        foreach (var lane in lanes.Values)
            lane.Dispose();
    }
}
