using System.Text.Json;
using EventFiles.Infrastructure.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Past;

/// <summary>Views as they were at some positions. Without them everything is the same, only slower.</summary>
internal sealed class PastSnapshots(EventPool pool)
{
    private const string AroundSql =
        """
        select g.ordinal - 1, b.tenant_id, b.stream_versions, b.views, a.stream_versions
        from unnest($1) with ordinality as g (id, ordinal)
        left join lateral (
            select tenant_id, stream_versions, views from eventfiles.past_snapshots
            where projection = $2 and version = $3 and group_id = g.id and position <= $4
            order by position desc limit 1) b on true
        left join lateral (
            select stream_versions from eventfiles.past_snapshots
            where projection = $2 and version = $3 and group_id = g.id and position > $4
            order by position limit 1) a on true
        where b.views is not null or a.stream_versions is not null
        """;

    private const string PutSql =
        """
        insert into eventfiles.past_snapshots (projection, version, group_id, position, stream_versions, views, tenant_id)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
        """;

    // Names of streams only: what the events say is read by whoever makes the snapshot.
    private const string DueSql =
        """
        select stream_id, seq_id from public.mt_events
        where seq_id > $1 and seq_id <= $2 and version % $3 = 0 and split_part(stream_id, '-', 1) = any ($4)
        order by seq_id
        """;

    /// <summary>For each group the last snapshot up to a position, and how far its streams were at the next one.</summary>
    public async Task<IReadOnlyList<Surroundings>> Around(
        IProjection projection, string[] groups, long position, CancellationToken cancel)
    {
        var around = new Surroundings[groups.Length];
        await using var command = pool.Source.CreateCommand(AroundSql);
        AddTexts(command, groups);
        AddOf(command, projection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            around[rows.GetInt64(0)] = Read(projection, rows);
        return around;
    }

    public async Task Put(IProjection projection, string group, long position, Recollection recalled, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(PutSql);
        AddOf(command, projection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = recalled.StreamVersions });
        command.Parameters.Add(new NpgsqlParameter<byte[]>
        {
            TypedValue = JsonSerializer.SerializeToUtf8Bytes(
                recalled.Views.ToDictionary(view => view.Key, view => JsonSerializer.SerializeToElement(view.Value, projection.View, EventTypes.Json)),
                EventTypes.Json),
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = recalled.Tenant.ToString() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The streams that grew past another so many events between two positions, and where.</summary>
    public async Task<IReadOnlyList<(string Stream, long Position)>> Due(
        IProjection projection, long after, long upto, int every, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = every });
        AddTexts(command, [.. projection.RecalledFrom]);
        var due = new List<(string, long)>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            due.Add((rows.GetString(0), rows.GetInt64(1)));
        return due;
    }

    private static Surroundings Read(IProjection projection, NpgsqlDataReader row) => new(
        row.IsDBNull(3)
            ? null
            : new Recollection(
                new AccountId(Guid.Parse(row.GetString(1))), Views(projection, row.GetFieldValue<byte[]>(3)),
                row.GetFieldValue<long[]>(2)),
        row.IsDBNull(4) ? null : row.GetFieldValue<long[]>(4));

    private static Dictionary<string, object> Views(IProjection projection, byte[] stored)
    {
        var views = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(stored, EventTypes.Json)!;
        return views.ToDictionary(
            view => view.Key, view => view.Value.Deserialize(projection.View, EventTypes.Json)!, StringComparer.Ordinal);
    }

    private static void AddOf(NpgsqlCommand command, IProjection projection)
    {
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = projection.Version });
    }

    private static void AddTexts(NpgsqlCommand command, string[] texts) =>
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
}

/// <summary>What is kept of a group before and after a position.</summary>
/// <param name="Before">At the last snapshot up to it; null when there is none.</param>
/// <param name="VersionsAfter">How far the streams were at the next snapshot; null when there is none.</param>
internal readonly record struct Surroundings(Recollection? Before, long[]? VersionsAfter);
