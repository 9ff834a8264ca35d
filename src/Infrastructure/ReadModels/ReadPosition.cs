namespace EventFiles.Infrastructure.ReadModels;

/// <summary>How far this node's readers see.</summary>
public interface IReadPosition
{
    /// <summary>Every event up to this position shows in every view.</summary>
    long Applied { get; }

    /// <summary>
    /// The views have reached what the log held at the start. Before that, readers see the past or nothing. Where views
    /// are shared it ends when their store is away or has lost them, and comes back by itself.
    /// </summary>
    bool IsCaughtUp { get; }

    /// <summary>Waits until <paramref name="position"/> is applied; false when it took longer than <paramref name="atMost"/>.</summary>
    Task<bool> Reached(long position, TimeSpan atMost, CancellationToken cancel);
}

/// <summary>The applied position and those who wait for it. A step wakes only those whose position it reached.</summary>
internal sealed class ReadPosition(TimeProvider clock) : IReadPosition
{
    private readonly Lock gate = new();
    private readonly SortedSet<Waiter> waiters = new(Comparer<Waiter>.Create((one, other) =>
        one.Position.CompareTo(other.Position) is var byPosition and not 0 ? byPosition : one.Ticket.CompareTo(other.Ticket)));

    private TaskCompletionSource wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long applied;
    private long tickets;
    private volatile bool caughtUp;

    public long Applied => Volatile.Read(ref applied);

    public bool IsCaughtUp => caughtUp;

    public int Waiting
    {
        get
        {
            lock (gate)
                return waiters.Count;
        }
    }

    public void CatchUp() => caughtUp = true;

    public void FallBehind() => caughtUp = false;

    /// <summary>Until somebody waits.</summary>
    public Task WhenWanted()
    {
        lock (gate)
        {
            if (waiters.Count > 0)
                return Task.CompletedTask;
            if (wanted.Task.IsCompleted)
                wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return wanted.Task;
        }
    }

    /// <summary>The views of a store that was restored stand where they once were: nobody is told that they have more.</summary>
    public void GoBack(long position)
    {
        lock (gate)
            Volatile.Write(ref applied, Math.Min(applied, position));
    }

    public void Publish(long position)
    {
        lock (gate)
        {
            if (position <= applied)
                return;
            Volatile.Write(ref applied, position);
            while (waiters.Min is { } first && first.Position <= position)
            {
                waiters.Remove(first);
                first.Arrived.SetResult();
            }
        }
    }

    public async Task<bool> Reached(long position, TimeSpan atMost, CancellationToken cancel)
    {
        Waiter waiter;
        lock (gate)
        {
            if (position <= applied)
                return true;
            waiter = new Waiter(position, ++tickets);
            waiters.Add(waiter);
            wanted.TrySetResult();
        }

        try
        {
            await waiter.Arrived.Task.WaitAsync(atMost, clock, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return position <= Applied;
        }
        finally
        {
            lock (gate)
                waiters.Remove(waiter);
        }
    }

    private sealed record Waiter(long Position, long Ticket)
    {
        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
