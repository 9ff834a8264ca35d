using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Objects that grow: parts, and an object for what is too little for a part. The database says how far they are, never a
/// list of parts: a server that answers "not found" says nothing about what was stored, and a part that was stored is no
/// part of the object before its writer has said so.
/// </summary>
internal sealed partial class S3Growing(
    S3Calls calls, S3Names names, ObjectRows rows, GrowthRows growths, S3Joining joining, S3Removal removal,
    ILogger<S3Growing> log)
{
    private readonly BusyKeys busy = new();

    /// <inheritdoc cref="IObjects.Append"/>
    public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) => Alone(key, async () =>
    {
        var growth = await Begin(key, offset, cancel);
        return await Unless(growth, key, () => Append(key, growth, content, cancel));
    });

    /// <inheritdoc cref="IObjects.Seal"/>
    public Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel) => Alone(key, async () =>
    {
        if (await growths.Take(key, cancel) is { } growth)
            return await Unless(growth, key, () => Seal(key, growth));
        return await rows.Sealed(key, cancel) is { } whole
            ? new SealedObject(key, whole.SizeBytes, whole.Sha256)
            : throw new FileNotFoundException("There is no such object.");
    });

    private async Task<Growth> Begin(ObjectKey key, long offset, CancellationToken cancel)
    {
        if (await growths.Take(key, offset, cancel) is { } growth)
            return growth;
        if (await rows.GrowingLength(key, cancel) is { } length)
            throw new OffsetMismatchException(length);
        if (await rows.Sealed(key, cancel) is { } whole)
            throw new OffsetMismatchException(whole.SizeBytes);
        if (offset > 0)
            throw new OffsetMismatchException(0);
        await growths.Create(Guid.CreateVersion7(), key, new ResumableSha256().State, cancel);
        KillPoint.Reach("s3.growth-recorded");
        return await growths.Take(key, 0, cancel) ?? throw await Overtaken(key);
    }

    // What arrived is kept whatever becomes of the request: only the content itself is cancelled.
    private async Task<long> Append(ObjectKey key, Growth growth, Stream content, CancellationToken cancel)
    {
        var digest = new ResumableSha256(growth.Digest);
        var (length, piece) = (growth.PartsBytes, growth.Piece);
        Task<string>? multipart = null;
        var drawn = Task.FromResult(0);
        var pipe = new PartPipe(
            async spool =>
            {
                // Before anything is waited for: the first part asks for it, and all others wait for its answer. And each
                // draws its number after the part before it, since the server puts them together by number.
                var name = multipart ??= BeginParts(key, growth);
                var number = await (drawn = Next(key, growth, drawn));
                return number < PartSizes.Last
                    ? await SendPart(key, growth, await name, number, spool)
                    : throw new IOException("The object has as many parts as an S3 server takes.");
            },
            async (part, state) =>
            {
                if (!await growths.Add(growth, part, state, CancellationToken.None))
                    throw await Overtaken(key);
                KillPoint.Reach("s3.part-recorded");
                length += part.SizeBytes;
                await Drop(key, growth, piece);
                piece = null;
            });

        var (rest, broken) = await pipe.Run(content, await Load(key, growth), growth.PartsBytes, digest, cancel);
        using (rest)
        {
            if (rest.Length > (piece?.SizeBytes ?? 0))
                await KeepPiece(key, growth, piece, rest, digest.State);
            length += rest.Length;
        }

        broken?.Throw();
        return length;
    }

    private async Task<int> Next(ObjectKey key, Growth growth, Task<int> before)
    {
        await before;
        return await growths.NextPart(growth, CancellationToken.None) ?? throw await Overtaken(key);
    }

    private async Task KeepPiece(ObjectKey key, Growth growth, GrowthPiece? former, Spool bytes, byte[] digest)
    {
        var number = await growths.NextPiece(growth, CancellationToken.None) ?? throw await Overtaken(key);
        var etag = await calls.Put(names.Of(key, growth.Write, number), bytes, CancellationToken.None);
        var piece = new GrowthPiece(number, bytes.Length, etag, bytes.Checks());
        if (!await growths.Replace(growth, piece, digest, CancellationToken.None))
        {
            await Drop(key, growth, piece);
            throw await Overtaken(key);
        }

        await Drop(key, growth, former);
    }

    private async Task<SealedObject> Seal(ObjectKey key, Growth growth)
    {
        if (!await growths.Close(growth, CancellationToken.None))
            throw await Overtaken(key);
        var sha256 = new ResumableSha256(growth.Digest).Hex();
        // Without checks: those of its parts.
        var ((piece, etag), checks) = growth switch
        {
            { PartsBytes: > 0 } => (await Join(key, growth), null),
            { Piece: { } whole } => ((whole.Number, whole.ETag), whole.Checks),
            _ => ((0, await StoreEmpty(names.Of(key, growth.Write))), []),
        };
        KillPoint.Reach("s3.joined");
        var replaced = await rows.Publish(
            growth.Write, "growing", piece, growth.Length, etag, sha256, checks, CancellationToken.None);
        using var limit = calls.Limit(CancellationToken.None);
        try
        {
            await removal.Tidy(growth.Write, key, piece, limit.Token);
            await removal.Remove([.. replaced.Select(write => new DoomedRow(write, key, IsLarge: true))], limit.Token);
        }
        catch (Exception failure)
        {
            LeftOver(log, failure, key);
        }

        return new SealedObject(key, growth.Length, sha256);
    }

    // The number of the last part is nobody else's, and its bytes are the same however often they are sent.
    private async Task<(int Piece, string ETag)> Join(ObjectKey key, Growth growth)
    {
        if (growth.Piece is not null)
        {
            using var rest = await Load(key, growth);
            var part = await SendPart(key, growth, growth.Multipart!, PartSizes.Last, rest);
            if (!await growths.Add(growth, part, growth.Digest, CancellationToken.None))
                throw await Overtaken(key);
        }

        return await joining.Join(key, growth, CancellationToken.None);
    }

    private async Task<string> StoreEmpty(string name)
    {
        using var nothing = new Spool();
        return await calls.Put(name, nothing, CancellationToken.None);
    }

    private async Task<StoredPart> SendPart(ObjectKey key, Growth growth, string multipart, int number, Spool spool)
    {
        var sent = calls.PutPart(names.Of(key, growth.Write), multipart, number, spool, CancellationToken.None);
        KillPoint.Reach("s3.inside-a-part");
        var stored = await sent;
        KillPoint.Reach("s3.part-stored");
        return stored with { Checks = spool.Checks() };
    }

    // Appends on two nodes may come here at once: one name counts.
    private async Task<string> BeginParts(ObjectKey key, Growth growth)
    {
        if (growth.Multipart is { } known)
            return known;
        var name = names.Of(key, growth.Write);
        var begun = await calls.Begin(name, CancellationToken.None);
        KillPoint.Reach("s3.growing-multipart-begun");
        var counts = await rows.Name(growth.Write, begun, CancellationToken.None);
        if (counts != begun)
            await calls.Abort(name, begun, CancellationToken.None);
        return counts ?? throw await Overtaken(key);
    }

    private async Task<Spool> Load(ObjectKey key, Growth growth)
    {
        var spool = new Spool();
        if (growth.Piece is not { } piece)
            return spool;
        try
        {
            var stored = new SealedRow(growth.Write, piece.Number, piece.SizeBytes, piece.ETag, "", piece.Checks, default);
            await using var content = await S3Content.Open(calls, names.Of(key, growth.Write, piece.Number), stored, CancellationToken.None)
                ?? throw new IOException("The end of a growing object is not in the bucket.");
            var (_, broken) = await spool.Fill(content, piece.SizeBytes, null, CancellationToken.None);
            broken?.Throw();
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private async Task Drop(ObjectKey key, Growth growth, GrowthPiece? piece)
    {
        if (piece is null)
            return;
        using var limit = calls.Limit(CancellationToken.None);
        try
        {
            await calls.Delete(names.Of(key, growth.Write, piece.Number), limit.Token);
        }
        catch (Exception failure)
        {
            // It goes when the object is sealed or deleted.
            LeftOver(log, failure, key);
        }
    }

    // Whoever was overtaken fails in many ways: parts are gone, a piece was replaced, the object deleted.
    private async Task<T> Unless<T>(Growth growth, ObjectKey key, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is not OffsetMismatchException)
        {
            if (await growths.IsWriter(growth, CancellationToken.None))
                throw;
            throw await Overtaken(key);
        }
    }

    private async Task<OffsetMismatchException> Overtaken(ObjectKey key) =>
        new(await rows.GrowingLength(key, CancellationToken.None)
            ?? (await rows.Sealed(key, CancellationToken.None))?.SizeBytes ?? 0);

    private Task<T> Alone<T>(ObjectKey key, Func<Task<T>> work) => busy.Alone(key, work, Overtaken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parts of {Key} are left over in the bucket and go later")]
    private static partial void LeftOver(ILogger log, Exception why, ObjectKey key);
}
