namespace EventFiles.Features.Process;

/// <summary>
/// A while in which this process begins no step, since there was no room for what one had made: the others would only find the
/// same, and each would tell the log of it.
/// </summary>
internal sealed class FullDiskPause(TimeProvider clock)
{
    private readonly Lock gate = new();
    private long? since;

    /// <summary>How much of it is left; null when there is none.</summary>
    public TimeSpan? Rest()
    {
        lock (gate)
        {
            var left = since is { } began ? ProcessDecider.RoomAfter - clock.GetElapsedTime(began) : TimeSpan.Zero;
            return left > TimeSpan.Zero ? left : null;
        }
    }

    public void Begin()
    {
        lock (gate)
            since = clock.GetTimestamp();
    }

    /// <summary>There was room.</summary>
    public void End()
    {
        lock (gate)
            since = null;
    }
}
