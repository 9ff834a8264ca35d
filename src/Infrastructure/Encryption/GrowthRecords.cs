using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>An encrypted object that grows.</summary>
/// <param name="Segments">Whole ones that count.</param>
/// <param name="Slots">Where the last of them ends in the object store, in slots of 64 KiB.</param>
/// <param name="SizeBytes">Plain.</param>
/// <param name="Beside">Encrypted: the digest's state, and what is too little for a segment.</param>
internal sealed record GrowthRecord(
    byte[] Header, long Segments, IReadOnlyList<SegmentRun> Runs, long Slots, long SizeBytes, byte[] Beside, long Version,
    bool IsClosing, DateTimeOffset ChangedAt);

/// <summary>
/// How far encrypted objects have grown. The row decides: whoever changes it from the state that he began with has added
/// something, and of two who began with the same one is told that the other was faster, whatever either has stored.
/// </summary>
internal sealed class GrowthRecords(EventPool pool)
{
    /// <summary>Makes one of no bytes, unless there is one.</summary>
    public Task Create(ObjectKey key, byte[] header, byte[] beside, CancellationToken cancel) => pool.Run(
        "insert into eventfiles.encrypted_growths (key, header, beside) values ($1, $2, $3) on conflict do nothing",
        cancel, key.Value, header, beside);

    public async Task<GrowthRecord?> Find(ObjectKey key, CancellationToken cancel)
    {
        await using var asks = pool.Command(
            """
            select header, segments, runs, slots, size_bytes, beside, version, is_closing, changed_at
            from eventfiles.encrypted_growths where key = $1
            """,
            [key.Value]);
        await using var row = await asks.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new GrowthRecord(
                await row.GetFieldValueAsync<byte[]>(0, cancel), row.GetInt64(1),
                ObjectLayout.ReadRuns(await row.GetFieldValueAsync<byte[]>(2, cancel)), row.GetInt64(3), row.GetInt64(4),
                await row.GetFieldValueAsync<byte[]>(5, cancel), row.GetInt64(6), row.GetBoolean(7), new DateTimeOffset(row.GetDateTime(8)))
            : null;
    }

    /// <summary>The plain length; null when nothing of that key grows here.</summary>
    public async Task<long?> Length(ObjectKey key, CancellationToken cancel)
    {
        await using var asks = pool.Command("select size_bytes from eventfiles.encrypted_growths where key = $1", [key.Value]);
        return await asks.ExecuteScalarAsync(cancel) as long?;
    }

    /// <summary>Puts the next state in the place of the one before.</summary>
    /// <returns>False when overtaken.</returns>
    public async Task<bool> Change(ObjectKey key, GrowthRecord next, CancellationToken cancel) => await pool.Run(
        """
        update eventfiles.encrypted_growths
        set segments = $3, runs = $4, slots = $5, size_bytes = $6, beside = $7, is_closing = $8, version = $2,
            changed_at = clock_timestamp()
        where key = $1 and version = $2 - 1
        """,
        cancel, key.Value, next.Version, next.Segments, ObjectLayout.ToBytes(next.Runs), next.Slots, next.SizeBytes, next.Beside,
        next.IsClosing) == 1;

    public Task Delete(ObjectKey key, CancellationToken cancel) =>
        pool.Run("delete from eventfiles.encrypted_growths where key = $1", cancel, key.Value);

    /// <summary>Deletes one that a list has shown, unless it has grown since.</summary>
    public async Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel) => await pool.Run(
        "delete from eventfiles.encrypted_growths where key = $1 and size_bytes = $2 and changed_at = $3",
        cancel, seen.Key.Value, seen.SizeBytes, seen.StoredAt.ToUniversalTime()) == 1;

    /// <summary>Those whose keys begin so.</summary>
    public async Task<Dictionary<ObjectKey, StoredObject>> Beginning(string prefix, CancellationToken cancel)
    {
        // No letter of a key comes after ~.
        await using var asks = pool.Command(
            "select key, size_bytes, changed_at from eventfiles.encrypted_growths where key >= $1 and key < $2", [prefix, prefix + "~"]);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var found = new Dictionary<ObjectKey, StoredObject>();
        while (await rows.ReadAsync(cancel))
        {
            var key = new ObjectKey(rows.GetString(0));
            found.Add(key, new StoredObject(key, rows.GetInt64(1), new DateTimeOffset(rows.GetDateTime(2))));
        }

        return found;
    }
}
