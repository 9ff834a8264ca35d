namespace EventFiles.Infrastructure.Messaging;

/// <summary>Which events' work is not done. Events begin in order and end in any.</summary>
internal sealed class RelayProgress(long position)
{
    private readonly Lock gate = new();
    private readonly SortedSet<long> open = [];
    private long seen = position;

    /// <summary>Up to here nothing is left to do: what a restart may begin after.</summary>
    public long Safe
    {
        get
        {
            lock (gate)
                return open.Count == 0 ? seen : open.Min - 1;
        }
    }

    /// <summary>Up to here everything was read, done or not.</summary>
    public long Read
    {
        get
        {
            lock (gate)
                return seen;
        }
    }

    public int Outstanding
    {
        get
        {
            lock (gate)
                return open.Count;
        }
    }

    public void Begin(long at)
    {
        lock (gate)
            open.Add(at);
    }

    public void End(long at)
    {
        lock (gate)
            open.Remove(at);
    }

    /// <summary>Every event up to here has begun.</summary>
    public void Seen(long upto)
    {
        lock (gate)
            seen = upto;
    }
}
