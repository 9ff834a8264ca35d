using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>A sealed object.</summary>
/// <param name="Piece">0 when it stands under its write's own name, else the number of the piece that it is.</param>
/// <param name="Checks">The sums of its blocks.</param>
internal sealed record SealedRow(
    Guid Write, int Piece, long SizeBytes, string ETag, string Sha256, byte[] Checks, DateTimeOffset StoredAt);

/// <summary>A write whose bytes are to go, or may be.</summary>
/// <param name="IsLarge">More than the one name may belong to it.</param>
internal sealed record DoomedRow(Guid Write, ObjectKey Key, bool IsLarge);

/// <summary>A write as lists need it.</summary>
internal sealed record ListedRow(Guid Write, ObjectKey Key, string State, int Piece, long SizeBytes, DateTimeOffset StoredAt);

/// <summary>What the database knows of the bucket. A row comes before the first byte and goes after the last.</summary>
internal sealed class ObjectRows(EventPool pool)
{
    /// <summary>Which installation this is: the bucket bears the same id.</summary>
    public async Task<Guid> Installation(CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand("select id from eventfiles.object_store");
        return (Guid)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Says what is about to be written.</summary>
    public Task Announce(Guid write, ObjectKey key, bool isLarge, CancellationToken cancel) => pool.Run(
        "insert into eventfiles.object_writes (write, key, state, is_large) values ($1, $2, 'writing', $3)",
        cancel, write, key.Value, isLarge);

    /// <summary>The writer is alive: nobody may take its bytes for a dead one's.</summary>
    public Task Renew(Guid write, CancellationToken cancel) => pool.Run(
        "update eventfiles.object_writes set stored_at = clock_timestamp() where write = $1 and state = 'writing'", cancel, write);

    /// <summary>Keeps the server's name for a write's parts, unless there is one already.</summary>
    /// <returns>The name that counts; null when the write was given up.</returns>
    public async Task<string?> Name(Guid write, string multipart, CancellationToken cancel)
    {
        await using var command = pool.Command(
            """
            update eventfiles.object_writes set multipart = coalesce(multipart, $2)
            where write = $1 and state <> 'doomed' returning multipart
            """,
            [write, multipart]);
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    /// <summary>Makes readers see a write and no other of its key.</summary>
    /// <param name="checks">Null: those of its parts.</param>
    /// <returns>The writes whose bytes may go.</returns>
    /// <exception cref="IOException">It was given up meanwhile: its writer was taken for dead.</exception>
    public async Task<IReadOnlyList<Guid>> Publish(
        Guid write, string from, int piece, long sizeBytes, string etag, string sha256, byte[]? checks, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand("select replaced from eventfiles.publish_object($1, $2, $3, $4, $5, $6, $7)");
        foreach (var value in (object?[])[write, from, piece, sizeBytes, etag, sha256])
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        command.Parameters.Add(new NpgsqlParameter { Value = checks ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea });
        try
        {
            return await command.ExecuteScalarAsync(cancel) as Guid[] ?? [];
        }
        catch (PostgresException gone) when (gone.SqlState == "EF003")
        {
            throw new IOException("Writing the object took so long without a sign of life that it was given up.", gone);
        }
    }

    /// <summary>The sealed object of a key; null when there is none.</summary>
    public async Task<SealedRow?> Sealed(ObjectKey key, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            """
            select write, piece, size_bytes, etag, sha256, checks, stored_at from eventfiles.object_writes
            where key = $1 and state = 'sealed'
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Value });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel)
            ? new SealedRow(
                rows.GetGuid(0), rows.GetInt32(1), rows.GetInt64(2), rows.GetString(3), rows.GetString(4),
                await rows.GetFieldValueAsync<byte[]>(5, cancel), new DateTimeOffset(rows.GetDateTime(6)))
            : null;
    }

    /// <summary>No reader sees these any more. Who still writes finds out when it is through.</summary>
    public Task<List<DoomedRow>> Doom(ObjectKey key, CancellationToken cancel) => Doomed(
        """
        update eventfiles.object_writes set state = 'doomed', stored_at = clock_timestamp()
        where key = $1 and state in ('sealed', 'growing')
        returning write, key, is_large
        """,
        cancel, key.Value);

    /// <summary>Dooms an object unless it was written to since it was seen.</summary>
    public Task<List<DoomedRow>> Doom(StoredObject seen, CancellationToken cancel) => Doomed(
        """
        update eventfiles.object_writes set state = 'doomed', stored_at = clock_timestamp()
        where key = $1 and size_bytes = $2 and stored_at = $3 and state in ('sealed', 'growing')
        returning write, key, is_large
        """,
        cancel, seen.Key.Value, seen.SizeBytes, seen.StoredAt.ToUniversalTime());

    /// <summary>Dooms a write unless it was published.</summary>
    /// <returns>Whether its bytes may go.</returns>
    public async Task<bool> GiveUp(Guid write, CancellationToken cancel)
    {
        await using var command = pool.Command(
            """
            with doomed as (
                update eventfiles.object_writes set state = 'doomed', stored_at = clock_timestamp()
                where write = $1 and state = 'writing')
            select not exists (select from eventfiles.object_writes where write = $1 and state not in ('writing', 'doomed'))
            """,
            [write]);
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>Dooms what nobody has given a sign of life for since, and tells of it and of what was doomed that long ago.</summary>
    public Task<List<DoomedRow>> DoomOlderThan(TimeSpan age, CancellationToken cancel) => Doomed(
        """
        update eventfiles.object_writes set state = 'doomed'
        where state in ('writing', 'doomed') and stored_at < clock_timestamp() - $1
        returning write, key, is_large
        """,
        cancel, age);

    /// <summary>Sealed ones whose left-over parts and pieces nobody has removed since.</summary>
    public Task<List<ListedRow>> UntidySince(TimeSpan age, CancellationToken cancel) => Listed(
        "where is_untidy and state = 'sealed' and stored_at < clock_timestamp() - $1", cancel, age);

    /// <summary>Nothing is left over of its parts and pieces.</summary>
    public Task Tidied(Guid write, CancellationToken cancel) => pool.Run(
        "update eventfiles.object_writes set is_untidy = false where write = $1", cancel, write);

    /// <summary>The doomed writes of a key.</summary>
    public Task<List<DoomedRow>> DoomedOf(ObjectKey key, CancellationToken cancel) => Doomed(
        "select write, key, is_large from eventfiles.object_writes where key = $1 and state = 'doomed'", cancel, key.Value);

    /// <summary>The bytes are gone: so is the row.</summary>
    public Task Forget(IReadOnlyCollection<Guid> writes, CancellationToken cancel) => pool.Run(
        "delete from eventfiles.object_writes where write = any ($1) and state = 'doomed'", cancel, (object)writes.ToArray());

    /// <summary>Those of the writes that there is a row for.</summary>
    public Task<List<ListedRow>> Known(IReadOnlyCollection<Guid> writes, CancellationToken cancel) => Listed(
        "where write = any ($1)", cancel, (object)writes.ToArray());

    /// <summary>Objects that grow, whose keys begin so.</summary>
    public Task<List<ListedRow>> Growing(string keysBeginWith, CancellationToken cancel) => Listed(
        // No letter of a key comes after ~.
        "where state = 'growing' and key >= $1 and key < $2 order by key", cancel, keysBeginWith, keysBeginWith + "~");

    /// <summary>The length of an object that grows; null when there is none.</summary>
    public async Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            "select size_bytes from eventfiles.object_writes where key = $1 and state = 'growing'");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Value });
        return await command.ExecuteScalarAsync(cancel) as long?;
    }

    private async Task<List<ListedRow>> Listed(string which, CancellationToken cancel, params object[] arguments)
    {
        await using var command = pool.Command(
            $"select write, key, state, piece, size_bytes, stored_at from eventfiles.object_writes {which}", arguments);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<ListedRow>();
        while (await rows.ReadAsync(cancel))
        {
            found.Add(new ListedRow(
                rows.GetGuid(0), new ObjectKey(rows.GetString(1)), rows.GetString(2), rows.GetInt32(3), rows.GetInt64(4),
                new DateTimeOffset(rows.GetDateTime(5))));
        }

        return found;
    }

    private async Task<List<DoomedRow>> Doomed(string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = pool.Command(sql, arguments);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<DoomedRow>();
        while (await rows.ReadAsync(cancel))
            found.Add(new DoomedRow(rows.GetGuid(0), new ObjectKey(rows.GetString(1)), rows.GetBoolean(2)));
        return found;
    }
}
