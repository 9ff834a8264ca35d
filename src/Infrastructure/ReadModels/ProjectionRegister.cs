using Npgsql;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// The projections from an operator's side, for commands and the API: what nodes have reported, and where wishes are
/// written down. It needs the database alone, and no server to talk to.
/// </summary>
public sealed class ProjectionRegister(NpgsqlDataSource database) : IProjections
{
    // A node reports every five seconds, whether or not anything has changed.
    private const string Rows =
        """
        select s.name, case when s.reported_at > now() - interval '20 seconds' then s.state else 'unheld' end, s.paused,
            s.version, s.live, s.shadow, s.position, s.shadow_position, s.target, s.rate,
            (select count(*)::int from eventfiles.parked_events p where p.subscriber = s.name and p.generation = s.live),
            s.rebuild, s.begun_at, s.ended_at, s.compared_at, s.live_digest, s.shadow_digest, s.differences, s.error,
            s.node, s.reported_at, s.retry_asked, s.compare_asked is not null
        from eventfiles.projection_shards s order by s.name
        """;

    private const string Diffs =
        """
        select d.key, d.paths, d.live_hash, d.live_position, le.type, le.stream_id, d.live_value,
            d.shadow_hash, d.shadow_position, se.type, se.stream_id, d.shadow_value
        from eventfiles.projection_differences d
        left join public.mt_events le on le.seq_id = d.live_position
        left join public.mt_events se on se.seq_id = d.shadow_position
        where d.projection = $1 order by d.ordinal
        """;

    private const string ParkedRows =
        """
        select p.subscriber, p.generation, p.position, p.stream, p.stored_name,
            (select count(*) from public.mt_events e where e.stream_id = p.stream and e.version > p.version),
            p.error, p.tries, p.at
        from eventfiles.parked_events p order by p.position, p.subscriber, p.generation
        """;

    public async Task<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Rows);
        return await Read(command, Status, cancel);
    }

    public async Task Ask(IReadOnlyCollection<string> names, ProjectionWish wish, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql(wish));
        command.Parameters.AddWithValue(names.ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<ProjectionDiff?> Diff(string name, CancellationToken cancel)
    {
        var status = (await List(cancel)).FirstOrDefault(one => one.Name == name);
        if (status is not { ComparedAt: { } at, LiveDigest: { } live, ShadowDigest: { } shadow, Differences: { } count })
            return null;
        await using var command = database.CreateCommand(Diffs);
        command.Parameters.AddWithValue(name);
        return new ProjectionDiff(at, live, shadow, count, await Read(command, Difference, cancel));
    }

    public async Task<IReadOnlyList<ParkedStatus>> Parked(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ParkedRows);
        return await Read(
            command,
            row => new ParkedStatus(
                row.GetString(0), row.GetInt32(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetInt64(5),
                row.GetString(6), row.GetInt32(7), row.GetFieldValue<DateTimeOffset>(8)),
            cancel);
    }

    // A rebuild that is under way is not begun again; one that waits for the operator's word is.
    private static string Sql(ProjectionWish wish) => wish switch
    {
        ProjectionWish.Rebuild => Rebuild("switch"),
        ProjectionWish.RebuildAndCompare => Rebuild("diff"),
        ProjectionWish.Switch => Set("switch_asked = true", "and rebuild is not null"),
        ProjectionWish.Discard => Set("discard_asked = true", "and (rebuild is not null or shadow is not null)"),
        ProjectionWish.Compare => Set("compare_asked = 'paths'", "and state = 'compared'"),
        ProjectionWish.CompareWithValues => Set("compare_asked = 'values'", "and state = 'compared'"),
        ProjectionWish.ForgetValues =>
            "update eventfiles.projection_differences set live_value = null, shadow_value = null where projection = any ($1)",
        ProjectionWish.Pause => Set("paused = true"),
        ProjectionWish.Resume => Set("paused = false"),
        ProjectionWish.RetryParked => Set("retry_asked = true"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Rebuild(string then) => Set(
        $"""
        rebuild = '{then}', asked_at = clock_timestamp(), switch_asked = false, discard_asked = false, compared_at = null,
        live_digest = null, shadow_digest = null, differences = null
        """,
        "and not paused and (rebuild is null or state = 'compared')");

    private static string Set(string what, string where = "") =>
        $"update eventfiles.projection_shards set {what} where name = any ($1) {where}";

    private static async Task<List<T>> Read<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> item, CancellationToken cancel)
    {
        var items = new List<T>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            items.Add(item(rows));
        return items;
    }

    private static ProjectionStatus Status(NpgsqlDataReader row)
    {
        var (position, shadow, target, rate) = (
            row.GetInt64(6), Value<long>(row, 7), row.GetInt64(8), Value<double>(row, 9));
        return new ProjectionStatus(
            row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetInt32(3), row.GetInt32(4), Value<int>(row, 5),
            position, shadow, target, rate,
            rate > 0 ? Math.Max(0, target - (shadow ?? position)) / rate : null,
            row.GetInt32(10), row.GetBoolean(21), row.GetBoolean(22), Text(row, 11), Value<DateTimeOffset>(row, 12), Value<DateTimeOffset>(row, 13),
            Value<long>(row, 14), Text(row, 15), Text(row, 16), Value<int>(row, 17), Text(row, 18), Text(row, 19),
            Value<DateTimeOffset>(row, 20));
    }

    private static ViewDiff Difference(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetFieldValue<string[]>(1), Side(row, 2), Side(row, 7));

    private static ViewSide? Side(NpgsqlDataReader row, int first) => row.IsDBNull(first)
        ? null
        : new ViewSide(row.GetString(first), row.GetInt64(first + 1), Text(row, first + 2), Text(row, first + 3), Text(row, first + 4));

    private static T? Value<T>(NpgsqlDataReader row, int column) where T : struct =>
        row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
