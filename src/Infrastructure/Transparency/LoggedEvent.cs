using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>An event as it stands now, made a leaf of again.</summary>
/// <param name="Committed">What it commits to, with its private row; null when it tells nothing of a person, or nobody asks for that.</param>
internal sealed record LoggedEvent(long Position, Guid Id, byte[] LeafHash, CommittedEvent? Committed)
{
    private const string EventsSql =
        $"select {PublicEvent.Columns} from public.mt_events e where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3";

    private const string EventsAndRowsSql =
        $"""
        select {PublicEvent.Columns}, p.tenant_id, p.salt, p.fields
        from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id
        where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3
        """;

    /// <summary>The next of them.</summary>
    /// <param name="beside">Who looks at private rows; null when nobody does.</param>
    /// <param name="after">From behind this position on.</param>
    public static async Task<List<LoggedEvent>> Read(
        NpgsqlConnection connection, PrivateRows? beside, long after, long upto, int most, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(beside is null ? EventsSql : EventsAndRowsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        var page = new List<LoggedEvent>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            page.Add(new LoggedEvent(rows.GetInt64(0), rows.GetGuid(1), MerkleHash.Leaf(PublicEvent.Leaf(rows)), Personal(rows, beside)));
        return page;
    }

    // The columns of a leaf, then those of a private row.
    private static CommittedEvent? Personal(NpgsqlDataReader row, PrivateRows? beside) =>
        beside?.Committed(row.GetString(4), row.GetString(11)) is { Count: > 0 } commitments
            ? new CommittedEvent(
                row.GetInt64(0), row.GetGuid(1), row.GetString(2), row[6] as string, commitments, row[12] as string, row[13] as byte[],
                row[14] as byte[])
            : null;
}
