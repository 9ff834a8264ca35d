using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>The rows in PostgreSQL, as a node sees them.</summary>
internal sealed class ShardTable(EventPool pool) : IShardTable
{
    private static readonly string Node = $"{Environment.MachineName}/{Environment.ProcessId}";

    private const string Wishes =
        """
        select name, paused, rebuild, asked_at, begun_at, switch_asked, discard_asked, compare_asked, retry_asked, position
        from eventfiles.projection_shards
        """;

    // Losing a report is no loss: the next one says it again.
    private const string Reports =
        """
        set local synchronous_commit = off;
        update eventfiles.projection_shards s
        set state = r.state, version = r.version, live = r.live, shadow = r.shadow, position = r.position,
            shadow_position = r.shadow_position, target = r.target, rate = r.rate, error = r.error, node = @node,
            reported_at = now()
        from unnest(@names, @states, @versions, @lives, @shadows, @positions, @shadow_positions, @targets, @rates, @errors)
            as r (name, state, version, live, shadow, position, shadow_position, target, rate, error)
        where s.name = r.name;
        """;

    private const string Forget = "delete from eventfiles.projection_differences where projection = @name;";

    public Task Enroll(IReadOnlyCollection<string> projections, CancellationToken cancel) => Run(
        """
        insert into eventfiles.projection_shards (name) select unnest(@names) on conflict do nothing;
        update eventfiles.projection_differences set live_value = null, shadow_value = null
        where live_value is not null or shadow_value is not null;
        """,
        cancel, ("names", projections.ToArray()));

    public async Task<IReadOnlyDictionary<string, ShardWishes>> Read(CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(Wishes);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var wishes = new Dictionary<string, ShardWishes>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel))
        {
            wishes.Add(rows.GetString(0), new ShardWishes(
                rows.GetBoolean(1), Word<AfterRebuild>(rows, 2), Time(rows, 3), Time(rows, 4), rows.GetBoolean(5),
                rows.GetBoolean(6), Word<ComparedHow>(rows, 7), rows.GetBoolean(8), rows.GetInt64(9)));
        }

        return wishes;
    }

    public Task Report(IReadOnlyCollection<ShardReport> reports, CancellationToken cancel) => Run(
        Reports, cancel,
        ("node", Node),
        ("names", Each(reports, one => one.Projection)),
        ("states", Each(reports, one => one.State.ToString().ToLowerInvariant())),
        ("versions", Each(reports, one => one.Version)),
        ("lives", Each(reports, one => one.Live)),
        ("shadows", Each(reports, one => one.Shadow)),
        ("positions", Each(reports, one => one.Position)),
        ("shadow_positions", Each(reports, one => one.ShadowPosition)),
        ("targets", Each(reports, one => one.Target)),
        ("rates", Each(reports, one => one.Rate)),
        ("errors", Each(reports, one => one.Error)));

    public Task Began(string projection, DateTimeOffset askedAt, CancellationToken cancel) => Run(
        Forget + """
        update eventfiles.projection_shards
        set begun_at = @asked_at, ended_at = null, live_digest = null, shadow_digest = null, compared_at = null,
            differences = null, switch_asked = false, discard_asked = false, compare_asked = null
        where name = @name;
        """,
        cancel, ("name", projection), ("asked_at", askedAt));

    public Task Compared(string projection, Verdict verdict, CancellationToken cancel) => Run(
        Forget + """
        insert into eventfiles.projection_differences
            (projection, ordinal, key, paths, live_hash, shadow_hash, live_position, shadow_position, live_value, shadow_value)
        select @name, d.ordinal, d.key, string_to_array(d.paths, e'\n'), d.live_hash, d.shadow_hash, d.live_position,
            d.shadow_position, d.live_value, d.shadow_value
        from unnest(@ordinals, @keys, @paths, @live_hashes, @shadow_hashes, @live_positions, @shadow_positions,
            @live_values, @shadow_values) as d (ordinal, key, paths, live_hash, shadow_hash, live_position,
            shadow_position, live_value, shadow_value);
        update eventfiles.projection_shards
        set live_digest = @live_digest, shadow_digest = @shadow_digest, compared_at = @compared_at,
            differences = @differences, compare_asked = null
        where name = @name;
        """,
        cancel,
        ("name", projection), ("live_digest", verdict.LiveDigest), ("shadow_digest", verdict.ShadowDigest),
        ("compared_at", verdict.Position), ("differences", verdict.Count),
        ("ordinals", Enumerable.Range(1, verdict.Differences.Count).ToArray()),
        ("keys", Each(verdict.Differences, one => one.Key)),
        ("paths", Each(verdict.Differences, one => string.Join('\n', one.Paths))),
        ("live_hashes", Each(verdict.Differences, one => one.LiveHash)),
        ("shadow_hashes", Each(verdict.Differences, one => one.ShadowHash)),
        ("live_positions", Each(verdict.Differences, one => one.LivePosition)),
        ("shadow_positions", Each(verdict.Differences, one => one.ShadowPosition)),
        ("live_values", Each(verdict.Differences, one => one.LiveValue)),
        ("shadow_values", Each(verdict.Differences, one => one.ShadowValue)));

    public Task Ended(string projection, int live, CancellationToken cancel) => End(projection, live, "", cancel);

    public Task Discarded(string projection, int live, CancellationToken cancel) => End(projection, live, "begun_at = null,", cancel);

    // What was found stays to be read, without the values. A wish that came meanwhile stays too.
    private Task End(string projection, int live, string also, CancellationToken cancel) => Run(
        $"""
        update eventfiles.projection_shards
        set {also} rebuild = case when asked_at is not distinct from begun_at then null else rebuild end, switch_asked = false, discard_asked = false, compare_asked = null, ended_at = now(), rate = null,
            live = @live, shadow = null, shadow_position = null
        where name = @name;
        update eventfiles.projection_differences set live_value = null, shadow_value = null where projection = @name;
        """,
        cancel, ("name", projection), ("live", live));

    public Task Retried(string projection, CancellationToken cancel) => Run(
        "update eventfiles.projection_shards set retry_asked = false where name = @name", cancel, ("name", projection));

    private async Task Run(string sql, CancellationToken cancel, params (string Name, object Value)[] arguments)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var (name, value) in arguments)
            command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private static T[] Each<TItem, T>(IEnumerable<TItem> items, Func<TItem, T> value) => [.. items.Select(value)];

    private static TWord? Word<TWord>(NpgsqlDataReader rows, int column) where TWord : struct, Enum =>
        rows.IsDBNull(column) ? null : Enum.Parse<TWord>(rows.GetString(column), ignoreCase: true);

    private static DateTimeOffset? Time(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
}
