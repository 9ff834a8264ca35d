using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>The tree's tables.</summary>
internal static class TreeRows
{
    private const string TilesSql =
        """
        select t.level, t.number, t.hashes from eventfiles.log_tiles t
        join unnest($1, $2) as asked (level, number) on t.level = asked.level and t.number = asked.number
        """;

    private const string KeepTilesSql =
        """
        insert into eventfiles.log_tiles as t (level, number, hashes) select * from unnest($1, $2, $3)
        on conflict (level, number) do update set hashes = excluded.hashes
        """;

    private const string CheckpointSql =
        """
        select size, note, cosignatures from eventfiles.log_checkpoints
        where size <= $1 order by size desc limit 1
        """;

    private const string CosignedSql =
        """
        select size, note, cosignatures from eventfiles.log_checkpoints
        where cosignatures <> '' and size >= $1 order by size desc limit 1
        """;

    /// <summary>Those of the tiles that are there.</summary>
    public static async Task<IReadOnlyList<TreeTile>> Tiles(
        NpgsqlConnection connection, IReadOnlyCollection<(int Level, long Number)> asked, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(TilesSql, connection);
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. asked.Select(one => (short)one.Level)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. asked.Select(one => one.Number)] });
        var tiles = new List<TreeTile>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            tiles.Add(new TreeTile(rows.GetInt16(0), rows.GetInt64(1), await rows.GetFieldValueAsync<byte[]>(2, cancel)));
        return tiles;
    }

    public static async Task Keep(NpgsqlConnection connection, IReadOnlyList<TreeTile> tiles, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(KeepTilesSql, connection);
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. tiles.Select(one => (short)one.Level)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. tiles.Select(one => one.Number)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            TypedValue = [.. tiles.Select(one => one.Hashes)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task Keep(NpgsqlConnection connection, IReadOnlyList<SequencedLeaf> leaves, CancellationToken cancel)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy eventfiles.log_leaves (leaf, position, event_id) from stdin (format binary)", cancel);
        foreach (var leaf in leaves)
        {
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(leaf.Index, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(leaf.Position, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(leaf.EventId, NpgsqlDbType.Uuid, cancel);
        }

        await rows.CompleteAsync(cancel);
    }

    /// <summary>The tree's size and position, and its row for ourselves until the transaction ends.</summary>
    public static async Task<(long Size, long Position)> Lock(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select size, position from eventfiles.log_tree for update", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    public static async Task Move(
        NpgsqlConnection connection, long size, long position, IReadOnlyList<LogCheckpoint> signed, DateTimeOffset at, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            with moved as (update eventfiles.log_tree set size = $1, position = $2)
            insert into eventfiles.log_checkpoints (size, note, signed_at) select n.size, n.note, $5 from unnest($3, $4) as n (size, note)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. signed.Select(one => one.Size)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. signed.Select(one => one.Note)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The newest checkpoint over at most so many leaves; null when there is none.</summary>
    public static Task<LogCheckpoint?> Checkpoint(NpgsqlConnection connection, long atMost, CancellationToken cancel) =>
        Checkpoint(connection, CheckpointSql, atMost, cancel);

    /// <summary>
    /// The newest checkpoint over at least so many leaves that a witness has signed; where none has, the newest of all. A
    /// witness comes a moment later than the log: while events come, the newest is seldom signed by one.
    /// </summary>
    public static async Task<LogCheckpoint?> CheckpointToShow(NpgsqlConnection connection, long atLeast, CancellationToken cancel) =>
        await Checkpoint(connection, CosignedSql, atLeast, cancel) ?? await Checkpoint(connection, CheckpointSql, long.MaxValue, cancel);

    private static async Task<LogCheckpoint?> Checkpoint(NpgsqlConnection connection, string sql, long size, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        await using var row = await command.ExecuteReaderAsync(cancel);
        if (!await row.ReadAsync(cancel))
            return null;
        var note = row.GetString(1);
        return SignedNote.ReadCheckpoint(note) is { } read
            ? new LogCheckpoint(row.GetInt64(0), read.Root, note + row.GetString(2))
            : throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"The checkpoint of size {row.GetInt64(0)} is not one."));
    }
}

/// <summary>An event's place in the tree.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SequencedLeaf(long Index, long Position, Guid EventId);
