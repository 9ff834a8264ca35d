using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>An object that grows, as its writer took it over.</summary>
/// <param name="Writer">The right to move the length; worthless once another writer has begun.</param>
/// <param name="Multipart">The server's name for its parts; null when there are none yet.</param>
/// <param name="Piece">What is too little for a part; null when there is nothing of the kind.</param>
/// <param name="Digest">The state of a <see cref="ResumableSha256"/> over all of it.</param>
internal sealed record Growth(
    Guid Write, Guid Writer, string? Multipart, long PartsBytes, GrowthPiece? Piece, byte[] Digest)
{
    public long Length => PartsBytes + (Piece?.SizeBytes ?? 0);
}

/// <summary>An object in the bucket that holds the end of a growing object.</summary>
/// <param name="Number">1 and up, used once.</param>
internal sealed record GrowthPiece(int Number, long SizeBytes, string ETag, byte[] Checks);

/// <summary>A part of a growing object.</summary>
/// <param name="Counts">Its bytes are the object's; else its writer never got to say so.</param>
internal sealed record GrowthPart(int Number, long SizeBytes, string ETag, bool Counts);

/// <summary>
/// How far growing objects are. Whoever begins to write takes the right from whoever wrote before: a client that comes
/// again on another connection, to another node, need not wait until the old one is noticed to be dead. What the old one
/// still does changes nothing, since every step asks for the right.
/// </summary>
internal sealed class GrowthRows(EventPool pool)
{
    private const string Taken =
        "w.write, g.writer, w.multipart, g.parts_bytes, g.digest, g.piece, g.piece_bytes, g.piece_etag, g.piece_checks";

    /// <summary>Makes an object that will grow, unless there is one.</summary>
    public Task Create(Guid write, ObjectKey key, byte[] digest, CancellationToken cancel) => pool.Run(
        """
        with made as (
            insert into eventfiles.object_writes (write, key, state, is_large) values ($1, $2, 'growing', true)
            on conflict (key) where state = 'growing' do nothing
            returning write)
        insert into eventfiles.object_growth (write, digest) select write, $3 from made
        """,
        cancel, write, key.Value, digest);

    /// <summary>Takes the right to write; null when there is no such object of that length, or it is being sealed.</summary>
    public Task<Growth?> Take(ObjectKey key, long length, CancellationToken cancel) => Take(
        $"""
        update eventfiles.object_growth g set writer = $2 from eventfiles.object_writes w
        where w.write = g.write and w.key = $1 and w.state = 'growing'
            and g.parts_bytes + g.piece_bytes = $3 and not g.is_closing
        returning {Taken}
        """,
        cancel, key.Value, Guid.NewGuid(), length);

    /// <summary>Takes the right to seal, whatever the length; null when nothing of that key grows.</summary>
    public Task<Growth?> Take(ObjectKey key, CancellationToken cancel) => Take(
        $"""
        update eventfiles.object_growth g set writer = $2 from eventfiles.object_writes w
        where w.write = g.write and w.key = $1 and w.state = 'growing'
        returning {Taken}
        """,
        cancel, key.Value, Guid.NewGuid());

    /// <summary>The number of the next part, which nobody else gets; null when overtaken.</summary>
    public Task<int?> NextPart(Growth growth, CancellationToken cancel) => Number(
        """
        update eventfiles.object_growth set next_part = next_part + 1 where write = $1 and writer = $2 returning next_part - 1
        """,
        growth, cancel);

    /// <summary>The number of the next piece, which nobody else gets; null when overtaken.</summary>
    public Task<int?> NextPiece(Growth growth, CancellationToken cancel) => Number(
        """
        update eventfiles.object_growth set next_piece = next_piece + 1 where write = $1 and writer = $2 returning next_piece - 1
        """,
        growth, cancel);

    /// <summary>
    /// A part is stored: it takes the place of the piece, and the length moves. A part comes behind all that count, by its
    /// number too: the server knows no other order.
    /// </summary>
    /// <returns>False when overtaken.</returns>
    public async Task<bool> Add(Growth growth, StoredPart part, byte[] digest, CancellationToken cancel) => await pool.Run(
        """
        with moved as (
            update eventfiles.object_growth
            set parts_bytes = parts_bytes + $4, piece = 0, piece_bytes = 0, piece_etag = '', piece_checks = '', digest = $7
            where write = $1 and writer = $2
                and not exists (select from eventfiles.object_parts p where p.write = $1 and p.counts and p.number > $3)
            returning write, parts_bytes),
        grown as (
            update eventfiles.object_writes w set size_bytes = m.parts_bytes, stored_at = clock_timestamp()
            from moved m where w.write = m.write and w.state = 'growing'
            returning w.write)
        insert into eventfiles.object_parts (write, number, size_bytes, etag, checks) select write, $3, $4, $5, $6 from grown
        """,
        cancel, growth.Write, growth.Writer, part.Number, part.SizeBytes, part.ETag, part.Checks, digest) == 1;

    /// <summary>A piece is stored: it takes the place of the last one, and the length moves.</summary>
    /// <returns>False when overtaken.</returns>
    public async Task<bool> Replace(Growth growth, GrowthPiece piece, byte[] digest, CancellationToken cancel) => await pool.Run(
        """
        with moved as (
            update eventfiles.object_growth
            set piece = $3, piece_bytes = $4, piece_etag = $5, piece_checks = $6, digest = $7
            where write = $1 and writer = $2
            returning write, parts_bytes)
        update eventfiles.object_writes w set size_bytes = m.parts_bytes + $4, stored_at = clock_timestamp()
        from moved m where w.write = m.write and w.state = 'growing'
        """,
        cancel, growth.Write, growth.Writer, piece.Number, piece.SizeBytes, piece.ETag, piece.Checks, digest) == 1;

    /// <summary>Nobody may append any more.</summary>
    /// <returns>False when overtaken.</returns>
    public async Task<bool> Close(Growth growth, CancellationToken cancel) => await pool.Run(
        "update eventfiles.object_growth set is_closing = true where write = $1 and writer = $2",
        cancel, growth.Write, growth.Writer) == 1;

    /// <summary>Whether the right to write is still this one's.</summary>
    public async Task<bool> IsWriter(Growth growth, CancellationToken cancel)
    {
        await using var command = pool.Command(
            """
            select exists (
                select from eventfiles.object_growth g join eventfiles.object_writes w using (write)
                where g.write = $1 and g.writer = $2 and w.state = 'growing')
            """,
            [growth.Write, growth.Writer]);
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>Keeps what the server has stored besides the parts that count.</summary>
    /// <returns>False when overtaken.</returns>
    public async Task<bool> Note(Growth growth, IReadOnlyCollection<GrowthPart> others, CancellationToken cancel) => await pool.Run(
        """
        insert into eventfiles.object_parts (write, number, size_bytes, etag, checks, counts)
        select $1, o.number, o.size_bytes, o.etag, '', false
        from unnest($3, $4, $5) o (number, size_bytes, etag)
        where exists (select from eventfiles.object_growth where write = $1 and writer = $2 for update)
        on conflict (write, number) do update set size_bytes = excluded.size_bytes, etag = excluded.etag
        """,
        cancel, growth.Write, growth.Writer, others.Select(part => part.Number).ToArray(),
        others.Select(part => part.SizeBytes).ToArray(), others.Select(part => part.ETag).ToArray()) == others.Count;

    /// <summary>The parts in their order, also those that do not count, as far as they are known.</summary>
    public async Task<List<GrowthPart>> Parts(Guid write, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            "select number, size_bytes, etag, counts from eventfiles.object_parts where write = $1 order by number");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = write });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<GrowthPart>();
        while (await rows.ReadAsync(cancel))
            found.Add(new GrowthPart(rows.GetInt32(0), rows.GetInt64(1), rows.GetString(2), rows.GetBoolean(3)));
        return found;
    }

    private async Task<Growth?> Take(string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = pool.Command(sql, arguments);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel)
            ? new Growth(
                rows.GetGuid(0), rows.GetGuid(1), await rows.IsDBNullAsync(2, cancel) ? null : rows.GetString(2), rows.GetInt64(3),
                rows.GetInt32(5) == 0
                    ? null
                    : new GrowthPiece(
                        rows.GetInt32(5), rows.GetInt64(6), rows.GetString(7), await rows.GetFieldValueAsync<byte[]>(8, cancel)),
                await rows.GetFieldValueAsync<byte[]>(4, cancel))
            : null;
    }

    private async Task<int?> Number(string sql, Growth growth, CancellationToken cancel)
    {
        await using var command = pool.Command(sql, [growth.Write, growth.Writer]);
        return await command.ExecuteScalarAsync(cancel) as int?;
    }
}
