using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// Where a log can be cut. Transactions that commit at the same time draw their numbers between each other's: cut
/// anywhere, half of one might be left, a file without the space it takes. All events of a transaction bear its time, so
/// no two that bear the same are parted.
/// </summary>
internal sealed class LogCut(EventPool pool)
{
    // A transaction draws its numbers in one go; so many of others in between would take seconds.
    private const long Widest = 10_000;

    private const string Around = "select seq_id, timestamp from public.mt_events where seq_id > $1 - $2 and seq_id <= $1 + $2";

    /// <summary>The last position up to this one behind which no transaction goes on.</summary>
    /// <param name="position">A settled one.</param>
    public async Task<long> AtOrBefore(long position, CancellationToken cancel)
    {
        var spans = new Dictionary<DateTime, (long First, long Last)>();
        await using var command = pool.Source.CreateCommand(Around);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Widest });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var (at, time) = (rows.GetInt64(0), rows.GetDateTime(1));
            var (first, last) = spans.GetValueOrDefault(time, (at, at));
            spans[time] = (Math.Min(first, at), Math.Max(last, at));
        }

        var cut = position;
        while (spans.Values.Where(span => span.First <= cut && cut < span.Last).Select(span => (long?)span.First).Min() is { } begun)
            cut = begun - 1;
        return cut;
    }
}
