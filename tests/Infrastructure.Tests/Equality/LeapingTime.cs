namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>
/// The product's clock runs with the machine's and leaps ahead when a test says so: then deadlines have come. Timers keep
/// the machine's time, as after a sleep: nobody's patience ends by a leap.
/// </summary>
internal sealed class LeapingTime : TimeProvider
{
    private long ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref ahead));

    public void Leap(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);
}
