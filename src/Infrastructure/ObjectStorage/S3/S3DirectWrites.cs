using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Objects whose parts clients send to the S3 server themselves. The row and the server's name for the parts are there
/// before the first address; completing them takes that name away, and with it the worth of every address. Only then is
/// the object read, from its first byte to its last, under the tag that readers will ask for.
/// </summary>
internal sealed class S3DirectWrites(
    S3Calls calls, S3Names names, S3Bucket bucket, ObjectRows rows, DirectRows directs, S3Removal removal, S3Signer signer) : IDirectWrites
{
    private const int WindowBytes = 8 << 20;
    private const int ReadTries = 4;
    private const long TellEvery = 64 << 20;
    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public async Task Begin(ObjectKey key, CancellationToken cancel)
    {
        ObjectPath.Require(key);
        await bucket.Ready(cancel);
        await directs.Create(Guid.CreateVersion7(), key, cancel);
        if (await directs.Find(key, cancel) is not { Multipart: null } begun)
            return;
        KillPoint.Reach("s3.direct-recorded");
        var name = names.Of(key, begun.Write);
        var multipart = await calls.Begin(name, cancel);
        if (await rows.Name(begun.Write, multipart, cancel) != multipart)
            await calls.Abort(name, multipart, cancel);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DirectAddress>?> Addresses(
        ObjectKey key, FileId file, AccountId owner, IReadOnlyList<DirectPart> parts, DateTimeOffset until, CancellationToken cancel)
    {
        if (await directs.Find(key, cancel) is not { Multipart: { } multipart } direct)
            return null;
        var name = names.Of(key, direct.Write);
        var addresses = new List<DirectAddress>(parts.Count);
        foreach (var part in parts)
            addresses.Add(new DirectAddress(part, await signer.Part(name, multipart, part, until), until));
        return addresses;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DirectPart>> Stored(ObjectKey key, CancellationToken cancel) =>
        await directs.Find(key, cancel) is { Multipart: { } multipart } direct
            ? [.. (await Parts(names.Of(key, direct.Write), multipart, cancel) ?? []).Select(part => new DirectPart(part.Number, part.SizeBytes))]
            : [];

    /// <inheritdoc/>
    public async Task<DirectJoin> Join(ObjectKey key, AccountId owner, IReadOnlyList<DirectPart> parts, CancellationToken cancel)
    {
        await bucket.Ready(cancel);
        if (await directs.Find(key, cancel) is not { } direct)
            return await rows.Sealed(key, cancel) is not null ? DirectJoin.Joined : DirectJoin.NotAsPlanned;
        await using var turn = await directs.TryEnter(direct.Write, cancel);
        return turn is null ? DirectJoin.Elsewhere : await Join(key, direct, parts, cancel);
    }

    // What is not complete is deleted with its object, and what is complete has no parts any more.
    /// <inheritdoc/>
    public Task Discard(ObjectKey key, CancellationToken cancel) => Task.CompletedTask;

    /// <inheritdoc/>
    public DirectTicket? Open(string address) => null;

    private async Task<DirectJoin> Join(ObjectKey key, DirectRow direct, IReadOnlyList<DirectPart> parts, CancellationToken cancel)
    {
        var name = names.Of(key, direct.Write);
        if (direct.Multipart is not { } multipart)
            return DirectJoin.NotAsPlanned;
        var stored = await Parts(name, multipart, cancel);
        if (stored is not null && !stored.Select(part => new DirectPart(part.Number, part.SizeBytes)).SequenceEqual(parts))
            return DirectJoin.NotAsPlanned;
        // Without parts it was completed before, by who died then; or given up, by a rule of the bucket's own.
        var sizeBytes = parts.Sum(part => part.SizeBytes);
        var made = stored is null ? await calls.Find(name, cancel) : null;
        if (stored is null && made?.SizeBytes != sizeBytes)
            return DirectJoin.NotAsPlanned;
        string etag;
        try
        {
            etag = made?.ETag ?? await calls.Complete(name, multipart, [.. stored!.Select(part => (part.Number, part.ETag))], sizeBytes, cancel);
        }
        catch (AmazonS3Exception changed) when (changed.ErrorCode == "InvalidPart")
        {
            return DirectJoin.Elsewhere; // at the client that sends a part again this moment, and may for as long as its address lives
        }

        KillPoint.Reach("s3.direct-completed");
        var (sha256, checks) = await Read(direct.Write, name, etag, sizeBytes, cancel);
        KillPoint.Reach("s3.direct-read");
        var replaced = await rows.Publish(direct.Write, "growing", 0, sizeBytes, etag, sha256, checks, cancel);
        await removal.Tidy(direct.Write, key, 0, cancel);
        await removal.Remove([.. replaced.Select(write => new DoomedRow(write, key, IsLarge: true))], cancel);
        return DirectJoin.Joined;
    }

    // Null when the server knows them no more: they were completed, or given up.
    private async Task<List<GrowthPart>?> Parts(string name, string multipart, CancellationToken cancel)
    {
        try
        {
            return await calls.Parts(name, multipart, cancel);
        }
        catch (AmazonS3Exception gone) when (S3Faults.IsMissing(gone))
        {
            return null;
        }
    }

    private async Task<(string Sha256, byte[] Checks)> Read(
        Guid write, string name, string etag, long sizeBytes, CancellationToken cancel)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var checks = new BlockChecksums();
        var window = new byte[(int)Math.Min(WindowBytes, sizeBytes)];
        var told = 0L;
        for (var position = 0L; position < sizeBytes; position += window.Length)
        {
            var bytes = window.AsMemory(0, (int)Math.Min(window.Length, sizeBytes - position));
            await Read(name, etag, position, bytes, cancel);
            digest.AppendData(bytes.Span);
            checks.Append(bytes.Span);
            if (position - told < TellEvery)
                continue;
            told = position;
            await directs.Tell(write, position, cancel);
        }

        return (Convert.ToHexStringLower(digest.GetHashAndReset()), checks.ToArray());
    }

    private async Task Read(string name, string etag, long position, Memory<byte> bytes, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                using var limit = calls.Limit(cancel);
                using var reply = await calls.Get(name, etag, position, position + bytes.Length, limit.Token);
                await reply.ResponseStream.ReadExactlyAsync(bytes, limit.Token);
                return;
            }
            catch (Exception broken) when (!cancel.IsCancellationRequested && broken is not AmazonS3Exception and not S3SettingsException)
            {
                if (failures == ReadTries)
                    throw calls.Unreachable(broken);
                await Task.Delay(Waits.After(failures), cancel);
            }
        }
    }
}

/// <summary>An object whose parts come from clients.</summary>
/// <param name="Multipart">The server's name for its parts; null when nobody has begun them.</param>
internal sealed record DirectRow(Guid Write, string? Multipart);

/// <summary>What the database knows of objects whose parts come from clients: each is one that grows and that nobody appends to.</summary>
internal sealed class DirectRows(EventPool pool)
{
    // Any number nobody else locks by.
    private const int JoinLock = 17736;

    /// <summary>Makes one, unless there is one.</summary>
    public Task Create(Guid write, ObjectKey key, CancellationToken cancel) => pool.Run(
        """
        insert into eventfiles.object_writes (write, key, state, is_large) values ($1, $2, 'growing', true)
        on conflict (key) where state = 'growing' do nothing
        """,
        cancel, write, key.Value);

    /// <summary>The one of this key; null when there is none, or it is whole.</summary>
    public async Task<DirectRow?> Find(ObjectKey key, CancellationToken cancel)
    {
        await using var command = pool.Command(
            "select write, multipart from eventfiles.object_writes where key = $1 and state = 'growing'", [key.Value]);
        await using var found = await command.ExecuteReaderAsync(cancel);
        return await found.ReadAsync(cancel)
            ? new DirectRow(found.GetGuid(0), await found.IsDBNullAsync(1, cancel) ? null : found.GetString(1))
            : null;
    }

    /// <summary>So much of it was read.</summary>
    public Task Tell(Guid write, long bytes, CancellationToken cancel) => pool.Run(
        "update eventfiles.object_writes set size_bytes = $2, stored_at = clock_timestamp() where write = $1 and state = 'growing'",
        cancel, write, bytes);

    /// <summary>The right to make it whole, until it is disposed of or its process dies; null when another has it.</summary>
    public async Task<IAsyncDisposable?> TryEnter(Guid write, CancellationToken cancel)
    {
        var connection = await pool.Source.OpenConnectionAsync(cancel);
        try
        {
            await using var command = new NpgsqlCommand(
                string.Create(CultureInfo.InvariantCulture, $"select pg_try_advisory_lock({JoinLock}, hashtext('{write:n}'))"), connection);
            if (await command.ExecuteScalarAsync(cancel) is true)
                return new Turn(connection, write);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    private sealed class Turn(NpgsqlConnection connection, Guid write) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await using var command = new NpgsqlCommand(
                    string.Create(CultureInfo.InvariantCulture, $"select pg_advisory_unlock({JoinLock}, hashtext('{write:n}'))"), connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (NpgsqlException)
            {
                // The connection broke, and the lock with it.
            }
            finally
            {
                await connection.DisposeAsync();
            }
        }
    }
}
