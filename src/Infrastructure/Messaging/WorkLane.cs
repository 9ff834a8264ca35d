namespace EventFiles.Infrastructure.Messaging;

/// <summary>One kind's queue: so much of what is due runs at once, and every owner gets a fair share of that.</summary>
/// <param name="run">Runs one delivery; must not throw.</param>
internal sealed class WorkLane(int concurrency, Func<Delivery, Task> run, TimeProvider clock) : IDisposable
{
    // Timers hold at most 49 days; a longer wait looks again in between.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly PriorityQueue<Delivery, (TimeSpan Due, long Ticket)> later = new();
    private readonly FairShares due = new();
    private readonly HashSet<Delivery> held = [];
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // A clock may be set while work waits: what is due is counted from here and asks none.
    private readonly long began = clock.GetTimestamp();
    private ITimer? timer;
    private long tickets;
    private int running;
    private bool stopped;

    public int Waiting
    {
        get
        {
            lock (gate)
                return later.Count + due.Waiting;
        }
    }

    public int Running => Volatile.Read(ref running);

    /// <summary>Since when the oldest piece has waited that is not over; null when there is none. Takes time by their number.</summary>
    public DateTimeOffset? Oldest
    {
        get
        {
            lock (gate)
                return held.Count == 0 ? null : held.Min(delivery => delivery.Since);
        }
    }

    /// <summary>Takes a piece of work.</summary>
    /// <param name="wait">It begins after that, or when its owner's turn comes later.</param>
    public void Add(Delivery delivery, TimeSpan wait)
    {
        lock (gate)
        {
            if (stopped)
            {
                delivery.Done.TrySetCanceled();
                return;
            }

            held.Add(delivery);
            later.Enqueue(delivery, (clock.GetElapsedTime(began) + wait, ++tickets));
            StartDue();
        }
    }

    /// <summary>Takes no more, cancels what has not begun, and completes when all that runs has ended.</summary>
    public Task Stop()
    {
        lock (gate)
        {
            stopped = true;
            while (later.TryDequeue(out var delivery, out _))
                delivery.Done.TrySetCanceled();
            while (due.TryBegin(out var delivery))
                delivery.Done.TrySetCanceled();
            held.RemoveWhere(delivery => delivery.Done.Task.IsCompleted);
            if (running == 0)
                drained.TrySetResult();
            return drained.Task;
        }
    }

    public void Dispose() => timer?.Dispose();

    private void StartDue()
    {
        if (stopped)
            return;
        while (later.TryPeek(out _, out var order))
        {
            var wait = order.Due - clock.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
            {
                WakeAfter(wait);
                break;
            }

            due.Add(later.Dequeue(), order);
        }

        while (running < concurrency && due.TryBegin(out var next))
        {
            running++;
            // Unsafe: the work has an origin and a trace of its own, and not those of whoever handed it over.
            ThreadPool.UnsafeQueueUserWorkItem(
                static start => _ = start.Lane.Run(start.Delivery), (Lane: this, Delivery: next), preferLocal: false);
        }
    }

    private void WakeAfter(TimeSpan wait)
    {
        timer ??= clock.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(
            wait.TotalMilliseconds, LongestTimer.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private async Task Run(Delivery delivery)
    {
        await run(delivery);
        lock (gate)
        {
            running--;
            if (delivery.Done.Task.IsCompleted)
                held.Remove(delivery);
            due.End(delivery);
            StartDue();
            if (stopped && running == 0)
                drained.TrySetResult();
        }
    }

    private void Wake()
    {
        lock (gate)
            StartDue();
    }
}

/// <summary>A message on its way through a lane.</summary>
/// <param name="since">When it was handed over.</param>
internal class Delivery(Message message, DateTimeOffset since)
{
    public Message Message { get; } = message;

    public DateTimeOffset Since { get; } = since;

    /// <summary>Done, given up and kept as a dead letter, or waiting elsewhere. Cancelled when the process stops first.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Tries { get; set; }
}
