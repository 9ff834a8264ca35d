using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Past;

/// <summary>Finds the position that a client means by a time or a number.</summary>
internal sealed class Moments(EventPool pool, HighWater highWater, TimeProvider clock)
{
    /// <summary>
    /// By how much an event may be stamped earlier than one that stands before it: as long as a transaction of ours can be
    /// open between its look at the clock and its commit. Beyond that a clock was wrong, and no answer is right.
    /// </summary>
    internal static readonly TimeSpan Lateness = TimeSpan.FromSeconds(60);

    // A reply's position may be asked for before it has settled.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<Answer<Moment>> Locate(string asOf, CancellationToken cancel)
    {
        if (AsOf.Parse(asOf) is not { } wanted)
            return PastRejection.Unreadable;
        if (wanted.Time > clock.GetUtcNow())
            return PastRejection.NotYet;

        var position = wanted.Position ?? await PositionAt(wanted.Time!.Value, cancel);
        if (position == 0 || await highWater.Passes(position - 1, Patience, cancel))
            return new Moment(position, wanted);
        return wanted.Position is null ? PastRejection.StillReading : PastRejection.NotYet;
    }

    private async Task<long> PositionAt(DateTimeOffset time, CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand("select eventfiles.position_at($1, $2)");
        asks.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time });
        asks.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Lateness });
        return (long)(await asks.ExecuteScalarAsync(cancel))!;
    }
}
