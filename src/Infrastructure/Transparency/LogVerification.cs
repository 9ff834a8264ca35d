using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// Hashes every event again and compares it with the tree, the tree with itself, and all that was signed with both: what a
/// superuser has altered is found, and the first leaf that is not what it was is named.
/// </summary>
/// <param name="database">Of any role that may read.</param>
/// <param name="key">Whose signatures count.</param>
/// <param name="beside">Compares private rows with what was signed of them; null to leave them alone.</param>
public sealed class LogVerification(NpgsqlDataSource database, LogKey key, PrivateRows? beside)
{
    private const int PageSize = 5000;

    // A checkpoint with the signatures of many witnesses; more is none of ours.
    private const int MostNoteChars = 64 * 1024;

    private const string LeavesSql =
        "select leaf, position, event_id from eventfiles.log_leaves where leaf >= $1 order by leaf limit $2";

    private const string TilesSql =
        "select number, hashes from eventfiles.log_tiles where level = $1 and number >= $2 order by number limit $3";

    private const string CheckpointsSql =
        "select size, note from eventfiles.log_checkpoints where size > $1 and size <= $3 order by size limit $2";

    private const string StandSql =
        """
        select size, position, (select coalesce(max(size), 0) from eventfiles.log_checkpoints) from eventfiles.log_tree
        """;

    /// <summary>Goes through the log.</summary>
    /// <param name="remembered">Checkpoints from before, kept elsewhere: the log must have grown from each.</param>
    /// <param name="verified">One of before whose events are taken as verified: only what comes behind it is looked at.</param>
    /// <param name="progress">How many leaves of how many are done.</param>
    public async Task<LogVerdict> Run(
        IReadOnlyCollection<LogCheckpoint> remembered, LogCheckpoint? verified, Action<long, long> progress, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await Run(connection, key, beside, remembered, verified, progress, cancel);
    }

    internal static async Task<LogVerdict> Run(
        NpgsqlConnection connection, LogKey key, PrivateRows? beside, IReadOnlyCollection<LogCheckpoint> remembered,
        LogCheckpoint? verified, Action<long, long> progress, CancellationToken cancel)
    {
        var all = verified is null ? remembered : [.. remembered, verified];
        if (all.FirstOrDefault(one => !SignedNote.IsSigned(one.Note, key)) is { } foreign)
        {
            return new LogVerdict(0, 0, string.Create(
                CultureInfo.InvariantCulture, $"The remembered checkpoint over {foreign.Size} events is not signed by this log's key."), 0, null, null);
        }

        var (size, position, signed) = await Stand(connection, cancel);
        signed = all.Select(one => one.Size).Append(signed).Max();
        if (signed > size)
            return Bad(size, 0, "The tree is shorter than what was signed: its end is cut off, or it was rolled back.", size, signed);

        var going = new Going(connection, key, all, size);
        if (verified is not null && await going.BeginBehind(verified, cancel) is { } other)
            return other;
        for (var after = going.Position; going.Tree.Size < size;)
        {
            var page = await LoggedEvent.Read(connection, beside, after, position, PageSize, cancel);
            if (page.Count == 0)
                return Bad(size, going.Checked, "Events are missing at the end.", going.Tree.Size, null);
            var first = going.Tree.Size;
            var spoilt = beside is null ? null : await going.Spoilt(beside, page, cancel);
            foreach (var (at, id, leaf, _) in page)
            {
                if (going.Tree.Size == size)
                    return Bad(size, going.Checked, string.Create(CultureInfo.InvariantCulture, $"There are more events up to position {position} than leaves."), size, null, id);
                if (await going.Take(at, id, leaf, cancel) is { } found)
                    return found;
                if (spoilt is { } row && row.Position == at)
                    return Bad(size, going.Checked, row.Problem, going.Tree.Size - 1, null, id);
            }

            if (await Misplaced(connection, first, page, cancel) is { } index)
            {
                return Bad(size, going.Checked, string.Create(
                    CultureInfo.InvariantCulture, $"The table of leaves does not say of leaf {index} which event it is."), index, null, page[(int)(index - first)].Id);
            }

            after = page[^1].Position;
            progress(going.Tree.Size, size);
        }

        return await Rest(connection, going, position, cancel);
    }

    /// <summary>The newest checkpoint over so many leaves; null when there is none.</summary>
    public static async Task<LogCheckpoint?> Newest(NpgsqlDataSource database, long size, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await TreeRows.Checkpoint(connection, size, cancel);
    }

    /// <summary>What a kept text says; null when it is no checkpoint. Whose it is, the verification looks at.</summary>
    public static LogCheckpoint? ReadCheckpoint(string text) =>
        SignedNote.ReadCheckpoint(text) is { } read ? new LogCheckpoint(read.Size, read.Root, text) : null;

    /// <summary>The checkpoints that were copied into the object store, oldest first.</summary>
    /// <exception cref="ObjectDamagedException">One is no checkpoint.</exception>
    public static async IAsyncEnumerable<LogCheckpoint> Copies(IObjects stored, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var note = new char[MostNoteChars];
        await foreach (var one in stored.List(ObjectKey.Checkpoints, cancel))
        {
            if (await stored.Open(one.Key, cancel) is not { } content)
                continue;
            using var text = new StreamReader(content, Encoding.UTF8);
            var length = await text.ReadBlockAsync(note, cancel);
            yield return ReadCheckpoint(new string(note, 0, length))
                ?? throw new ObjectDamagedException($"{one.Key} is no checkpoint.");
        }
    }

    // Proofs look an event's leaf up here: the first of these for which that would lead to another.
    private static async Task<long?> Misplaced(
        NpgsqlConnection connection, long first, List<LoggedEvent> page, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(LeavesSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Count });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        for (var at = 0; at < page.Count; at++)
        {
            if (!await rows.ReadAsync(cancel) || rows.GetInt64(0) != first + at || rows.GetInt64(1) != page[at].Position || rows.GetGuid(2) != page[at].Id)
                return first + at;
        }

        return null;
    }

    private static async Task<LogVerdict> Rest(NpgsqlConnection connection, Going going, long position, CancellationToken cancel)
    {
        var size = going.Tree.Size;
        if ((await LoggedEvent.Read(connection, null, going.Position, position, PageSize, cancel)).Count > 0)
            return Bad(size, going.Checked, "There are more events than leaves.", size, null);
        if (await going.TilesAreWrong(cancel) is { } wrong)
            return wrong;
        return going.Remaining() is { } unseen
            ? unseen
            : new LogVerdict(size, going.Checked, null, null, null, null)
            {
                Checkpoints = going.Checkpoints,
                Remembered = going.Remembered,
                PrivateRows = going.PrivateRows,
                ErasedRows = going.ErasedRows,
            };
    }

    private static LogVerdict Bad(long size, long done, string what, long? first, long? upto, Guid? id = null) =>
        new(size, done, what, first, upto, id);

    private static async Task<(long Size, long Position, long Signed)> Stand(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(StandSql, connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)) : default;
    }

    // The way through the log: the tree made again, and how far tiles and checkpoints were compared with it.
    private sealed class Going(NpgsqlConnection connection, LogKey key, IReadOnlyCollection<LogCheckpoint> remembered, long size)
    {
        private readonly ILookup<long, LogCheckpoint> before = remembered.ToLookup(one => one.Size);
        private readonly Queue<(long Size, string Note)> notes = new();
        private readonly Queue<TreeTile> leafTiles = new();
        private long lastGood;
        private long asked;
        private bool hasAll;

        public GrowingTree Tree { get; private set; } = new();

        public long Position { get; private set; }

        public long Checked { get; private set; }

        public long Checkpoints { get; private set; }

        public int Remembered { get; private set; }

        public long PrivateRows { get; private set; }

        public long ErasedRows { get; private set; }

        /// <summary>The first event of a page whose private row is not what was signed; told once its leaf is found to be.</summary>
        public async Task<(long Position, string Problem)?> Spoilt(PrivateRows beside, List<LoggedEvent> page, CancellationToken cancel)
        {
            var committed = page.Select(one => one.Committed).OfType<CommittedEvent>().ToList();
            var (at, problem, erased) = await beside.Compare(connection, committed, cancel);
            (PrivateRows, ErasedRows) = (PrivateRows + committed.Count - erased, ErasedRows + erased);
            return at is { } bad ? (committed[bad].Position, problem!) : null;
        }

        public async Task<LogVerdict?> BeginBehind(LogCheckpoint known, CancellationToken cancel)
        {
            var tiles = await TreeRows.Tiles(connection, GrowingTree.Edge(known.Size), cancel);
            try
            {
                Tree = GrowingTree.From(known.Size, tiles);
            }
            catch (InvalidOperationException lacking)
            {
                return Bad(size, 0, lacking.Message, 0, known.Size);
            }

            if (!Tree.Root().AsSpan().SequenceEqual(known.RootHash))
                return Bad(size, 0, "The tree did not grow from the remembered checkpoint: it was rewritten.", 0, known.Size);
            await using var command = new NpgsqlCommand("select position from eventfiles.log_leaves where leaf = $1", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known.Size - 1 });
            (Position, lastGood, asked) = (await command.ExecuteScalarAsync(cancel) as long? ?? 0, known.Size, known.Size);
            return null;
        }

        public async Task<LogVerdict?> Take(long position, Guid id, byte[] hash, CancellationToken cancel)
        {
            var index = Tree.Size;
            var stored = await Stored(index, cancel);
            if (!hash.AsSpan().SequenceEqual(stored))
            {
                return Bad(size, Checked, string.Create(
                    CultureInfo.InvariantCulture, $"The event at position {position} is not the one that became leaf {index}."), index, null, id);
            }

            Tree.Append(hash);
            (Position, Checked) = (position, Checked + 1);
            while (await NextNote(cancel) is { } note && note.Size <= Tree.Size)
            {
                notes.Dequeue();
                if (note.Size == Tree.Size && IsWrong(note.Note) is { } wrong)
                    return Bad(size, Checked, wrong, lastGood, note.Size);
                (lastGood, Checkpoints) = (note.Size, Checkpoints + 1);
            }

            foreach (var one in before[Tree.Size])
            {
                if (!Tree.Root().AsSpan().SequenceEqual(one.RootHash))
                    return Bad(size, Checked, "The log is not the one of the remembered checkpoint: it was rewritten.", 0, one.Size);
                Remembered++;
            }

            return null;
        }

        public async Task<LogVerdict?> TilesAreWrong(CancellationToken cancel)
        {
            foreach (var made in Tree.Changed())
            {
                var kept = await TreeRows.Tiles(connection, [(made.Level, made.Number)], cancel);
                if (kept is not [var tile] || !tile.Hashes.AsSpan().StartsWith(made.Hashes))
                {
                    return Bad(size, Checked, string.Create(
                        CultureInfo.InvariantCulture, $"The tile {made.Number} of level {made.Level} is not made of its leaves."), null, null);
                }
            }

            return null;
        }

        public LogVerdict? Remaining() =>
            lastGood < size ? Bad(size, Checked, "The checkpoint over the newest leaves is missing.", lastGood, size) : null;

        private string? IsWrong(string note) =>
            SignedNote.ReadCheckpoint(note) is not { } said || said.Size != Tree.Size ? "A checkpoint tells of another size than it is kept for."
            : !said.Root.AsSpan().SequenceEqual(Tree.Root()) ? "What was signed is another tree: events before it were rewritten."
            : !SignedNote.IsSigned(note, key) ? "A checkpoint is not signed by this log's key."
            : null;

        private async Task<(long Size, string Note)?> NextNote(CancellationToken cancel)
        {
            if (notes.Count == 0 && !hasAll)
            {
                await using var command = new NpgsqlCommand(CheckpointsSql, connection);
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = asked });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
                // What is signed beside the verification is the next one's affair.
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
                await using var rows = await command.ExecuteReaderAsync(cancel);
                while (await rows.ReadAsync(cancel))
                    notes.Enqueue((asked = rows.GetInt64(0), rows.GetString(1)));
                hasAll = notes.Count == 0;
            }

            return notes.Count == 0 ? null : notes.Peek();
        }

        private async Task<byte[]> Stored(long index, CancellationToken cancel)
        {
            var number = index / GrowingTree.TileWidth;
            while (leafTiles.Count > 0 && leafTiles.Peek().Number < number)
                leafTiles.Dequeue();
            if (leafTiles.Count == 0)
            {
                await using var command = new NpgsqlCommand(TilesSql, connection);
                command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = 0 });
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize / 100 });
                await using var rows = await command.ExecuteReaderAsync(cancel);
                while (await rows.ReadAsync(cancel))
                    leafTiles.Enqueue(new TreeTile(0, rows.GetInt64(0), await rows.GetFieldValueAsync<byte[]>(1, cancel)));
            }

            var at = (int)(index % GrowingTree.TileWidth) * MerkleHash.Bytes;
            return leafTiles.TryPeek(out var tile) && tile.Number == number && tile.Hashes.Length >= at + MerkleHash.Bytes
                ? tile.Hashes[at..(at + MerkleHash.Bytes)]
                : [];
        }
    }
}
