using System.Globalization;

namespace EventFiles.Infrastructure.Clocks;

/// <summary>
/// A node's time: its machine's, as long as that agrees with the database's, and else the database's, which all nodes share.
/// So a machine whose clock is wrong or is put right ends nobody's session, lets nothing come due before its time, and holds
/// nothing up. Between two looks at the database the machine only counts how much time has passed, which no setting of its
/// clock changes. See ADR 88.
/// </summary>
/// <param name="machine">Of the machine.</param>
public sealed class NodeTime(TimeProvider machine) : TimeProvider
{
    /// <summary>Machines that are set by the same source differ by far less.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private volatile Look? last;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <summary>Whether the database's clock was ever looked at.</summary>
    public bool IsSet => last is not null;

    /// <summary>How far the machine's clock is ahead of the database's; zero while that was never seen.</summary>
    public TimeSpan Ahead => last is { } seen ? machine.GetUtcNow() - After(seen) : TimeSpan.Zero;

    /// <summary>What is wrong with the machine's clock, in a few words; null while it agrees.</summary>
    public string? Trouble => Ahead is var ahead && ahead.Duration() <= Tolerance
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{ahead.Duration().TotalSeconds:F0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the database's");

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var here = machine.GetUtcNow();
        if (last is not { } seen)
            return here;
        var there = After(seen);
        return (here - there).Duration() <= Tolerance ? here : there;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes note of what the database's clock said to a question.</summary>
    /// <param name="said">Its time.</param>
    /// <param name="asked">The timestamp when it was asked.</param>
    /// <param name="answered">And when the answer was here: half-way between the two it said so.</param>
    public void Saw(DateTimeOffset said, long asked, long answered) => last = new Look(said, asked + ((answered - asked) / 2));

    private DateTimeOffset After(Look seen) => seen.Said + machine.GetElapsedTime(seen.At);

    private sealed record Look(DateTimeOffset Said, long At);
}
