using System.Buffers.Binary;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>Proofs from the tables that <see cref="Sequencer"/> writes. Nothing is remembered: a proof reads a dozen rows.</summary>
internal sealed class TransparencyLog(EventPool pool, LogKeySource keys) : ITransparencyLog
{
    private const string PlaceSql =
        """
        select l.leaf, e.id is not null from (select $1::uuid as id) asked
        left join eventfiles.log_leaves l on l.event_id = asked.id
        left join public.mt_events e on e.seq_id = l.position and e.id = asked.id
        """;

    private const string LeavesSql =
        $"""
        select {PublicEvent.Columns} from eventfiles.log_leaves l join public.mt_events e on e.seq_id = l.position
        where l.leaf >= $1 and l.leaf < $2 order by l.leaf
        """;

    // There is no index on ids of events: what is not in the tree yet is among the last ones.
    private const string PendingSql =
        """
        select exists (
            select from public.mt_events
            where seq_id > (select position from eventfiles.log_tree) and id = $1)
        """;

    public string VerifierKey => keys.Key.VerifierKey;

    public async Task<LogCheckpoint?> Newest(CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        return await TreeRows.Checkpoint(connection, long.MaxValue, cancel);
    }

    public async Task<Inclusion> Prove(Guid eventId, long fromSize, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        var found = await Place(connection, eventId, cancel);
        if (found is null && await IsPending(connection, eventId, cancel))
            return new Inclusion.Pending();
        // It may have come into the tree between the two looks.
        if ((found ?? await Place(connection, eventId, cancel)) is not { } index)
            return new Inclusion.Unknown();
        if (await TreeRows.CheckpointToShow(connection, Math.Max(fromSize, index + 1), cancel) is not { } newest || newest.Size <= index)
            return new Inclusion.Pending();
        var leaves = await Leaves(connection, index, index + 1, cancel);
        return leaves.Count == 0
            ? new Inclusion.Unknown()
            : new Inclusion.Proven(index, leaves[0], await Proofs(connection, cancel).Inclusion(index, newest.Size), newest);
    }

    public async Task<IReadOnlyList<byte[]>> Grown(long fromSize, LogCheckpoint checkpoint, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        return await Proofs(connection, cancel).Consistency(fromSize, checkpoint.Size);
    }

    public async Task<EarlierLog?> Before(Guid eventId, LogCheckpoint later, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        return await Place(connection, eventId, cancel) is { } index && await TreeRows.Checkpoint(connection, index, cancel) is { Size: > 0 } before
            && before.Size <= later.Size
            ? new EarlierLog(
                before.Note, [.. (await Proofs(connection, cancel).Consistency(before.Size, later.Size)).Select(Convert.ToBase64String)])
            : null;
    }

    public async Task<byte[]?> Tile(int level, long number, int width, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        var newest = await TreeRows.Checkpoint(connection, long.MaxValue, cancel);
        if (!IsCovered(newest, level, number, width))
            return null;
        var tiles = await TreeRows.Tiles(connection, [(level, number)], cancel);
        return tiles is [var tile] && tile.Hashes.Length >= width * MerkleHash.Bytes ? tile.Hashes[..(width * MerkleHash.Bytes)] : null;
    }

    public async Task<byte[]?> Entries(long number, int width, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        if (!IsCovered(await TreeRows.Checkpoint(connection, long.MaxValue, cancel), 0, number, width))
            return null;
        var leaves = await Leaves(connection, number * GrowingTree.TileWidth, (number * GrowingTree.TileWidth) + width, cancel);
        if (leaves.Count != width)
            return null;
        var bundle = new byte[leaves.Sum(leaf => sizeof(ushort) + leaf.Length)];
        var at = 0;
        foreach (var leaf in leaves)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bundle.AsSpan(at), checked((ushort)leaf.Length));
            leaf.CopyTo(bundle.AsSpan(at + sizeof(ushort)));
            at += sizeof(ushort) + leaf.Length;
        }

        return bundle;
    }

    private static bool IsCovered(LogCheckpoint? newest, int level, long number, int width)
    {
        var hashes = newest?.Size ?? 0;
        for (var down = 0; down < level && hashes > 0; down++)
            hashes /= GrowingTree.TileWidth;
        return number <= hashes / GrowingTree.TileWidth && (number * GrowingTree.TileWidth) + width <= hashes;
    }

    private static TreeProofs Proofs(NpgsqlConnection connection, CancellationToken cancel) =>
        new(asked => TreeRows.Tiles(connection, asked, cancel));

    private static async Task<long?> Place(NpgsqlConnection connection, Guid eventId, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(PlaceSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) && !await row.IsDBNullAsync(0, cancel) && row.GetBoolean(1) ? row.GetInt64(0) : null;
    }

    private static async Task<bool> IsPending(NpgsqlConnection connection, Guid eventId, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(PendingSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task<List<byte[]>> Leaves(NpgsqlConnection connection, long from, long to, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(LeavesSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to });
        var leaves = new List<byte[]>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            leaves.Add(PublicEvent.Leaf(rows));
        return leaves;
    }
}
