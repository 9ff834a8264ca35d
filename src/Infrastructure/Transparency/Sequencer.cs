using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// Puts every settled event into the tree, once and in order of position, and signs. Tree, position and checkpoints move in
/// one transaction under one row's lock: whichever node dies or sleeps at whatever moment, another goes on from what stands.
/// </summary>
internal sealed partial class Sequencer(
    EventPool pool, HighWater highWater, LogKeySource keys, TransparencyOptions options, TimeProvider clock, ILogger<Sequencer> log)
    : BackgroundService
{
    /// <summary>A checkpoint covers at most so many leaves that the one before it does not.</summary>
    public const int LeavesBetweenCheckpoints = 1000;

    private const int AtOnce = 8 * LeavesBetweenCheckpoints;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private const string EventsSql =
        $"select {PublicEvent.Columns} from public.mt_events e where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3";

    private GrowingTree tree = new();
    private long position = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                if (await highWater.Passes(position, LongestLook, stoppingToken) && await Advance(stoppingToken) < AtOnce)
                    await Task.Delay(options.Every, clock, stoppingToken);
                failures = 0;
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why, ++failures);
                (tree, position) = (new GrowingTree(), -1);
                await Task.Delay(Backoff.ForServers.After(failures), clock, stoppingToken);
            }
        }
    }

    /// <summary>Takes what is settled now, at most <see cref="AtOnce"/> events.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> Advance(CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var (size, from) = await TreeRows.Lock(connection, cancel);
        if (position < 0 || size != tree.Size)
            tree = GrowingTree.From(size, await TreeRows.Tiles(connection, GrowingTree.Edge(size), cancel));
        position = from;
        if (highWater.Settled <= from)
            return 0;

        var now = clock.GetUtcNow();
        List<SequencedLeaf> leaves = [];
        List<LogCheckpoint> signed = [];
        await using (var command = new NpgsqlCommand(EventsSql, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = highWater.Settled });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                leaves.Add(new SequencedLeaf(tree.Size, rows.GetInt64(0), rows.GetGuid(1)));
                tree.Append(MerkleHash.Leaf(PublicEvent.Leaf(rows)));
                if (leaves.Count % LeavesBetweenCheckpoints == 0)
                    signed.Add(Sign());
            }
        }

        if (leaves.Count == 0)
            return 0;
        if (leaves.Count % LeavesBetweenCheckpoints != 0)
            signed.Add(Sign());
        // Whatever fails from here on, the tree in memory is ahead of what stands, and is read again.
        position = -1;
        await TreeRows.Keep(connection, tree.Changed(), cancel);
        await TreeRows.Keep(connection, leaves, cancel);
        await TreeRows.Move(connection, tree.Size, leaves[^1].Position, signed, now, cancel);
        await transaction.CommitAsync(cancel);
        position = leaves[^1].Position;
        return leaves.Count;
    }

    private LogCheckpoint Sign()
    {
        var root = tree.Root();
        return new LogCheckpoint(tree.Size, root, SignedNote.Sign(SignedNote.Checkpoint(keys.Key.Origin, tree.Size, root), keys.Key));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tree over the log could not go on (failure {Failures}); trying again")]
    private static partial void Failed(ILogger log, Exception why, int failures);
}
