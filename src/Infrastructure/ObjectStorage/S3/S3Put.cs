namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>A part as the server has taken it.</summary>
internal sealed record StoredPart(int Number, long SizeBytes, string ETag, byte[] Checks);

/// <summary>One put: a request for a small object, parts for a large one, which only shows while it is read.</summary>
internal sealed class S3Put(S3Calls calls, S3Names names, ObjectRows rows, ObjectKey key, CancellationToken cancel)
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromMinutes(5);

    private readonly ResumableSha256 digest = new();
    private readonly List<StoredPart> parts = [];
    private Task<string>? multipart;
    private int sent;

    public Guid Write { get; } = Guid.CreateVersion7();

    /// <summary>A row tells of it: something may be in the bucket.</summary>
    public bool IsAnnounced { get; private set; }

    public bool IsLarge => sent > 0;

    /// <summary>Stores the content and makes readers see it.</summary>
    /// <returns>The object, and the writes of the key whose bytes may go.</returns>
    public async Task<(SealedObject Stored, IReadOnlyList<Guid> Replaced)> Run(Stream content)
    {
        await using var alive = new Repeating(SignOfLife, () => rows.Renew(Write, CancellationToken.None));
        var (left, broken) = await new PartPipe(Send, Keep).Run(content, new Spool(), 0, digest, cancel);
        using (left)
        {
            broken?.Throw();
            return IsLarge ? await Join(left) : await Whole(left);
        }
    }

    private async Task<(SealedObject, IReadOnlyList<Guid>)> Whole(Spool body)
    {
        await Announce(isLarge: false);
        return await Publish(body.Length, await calls.Put(names.Of(key, Write), body, cancel), body.Checks());
    }

    private async Task<(SealedObject, IReadOnlyList<Guid>)> Join(Spool left)
    {
        if (left.Length > 0)
            parts.Add(await Send(left));
        var size = parts.Sum(part => part.SizeBytes);
        var etag = await calls.Complete(
            names.Of(key, Write), await multipart!, [.. parts.Select(part => (part.Number, part.ETag))], size, cancel);
        KillPoint.Reach("s3.put-completed");
        return await Publish(size, etag, [.. parts.SelectMany(part => part.Checks)]);
    }

    private async Task<(SealedObject, IReadOnlyList<Guid>)> Publish(long sizeBytes, string etag, byte[] checks) => (
        new SealedObject(key, sizeBytes, digest.Hex()),
        await rows.Publish(Write, "writing", 0, sizeBytes, etag, digest.Hex(), checks, cancel));

    // Before anything is waited for, the first part asks for the server's name; all others wait for its answer.
    private async Task<StoredPart> Send(Spool part)
    {
        var number = ++sent;
        var name = multipart ??= Begin();
        return await calls.PutPart(names.Of(key, Write), await name, number, part, cancel) with { Checks = part.Checks() };
    }

    private Task Keep(StoredPart part, byte[] state)
    {
        parts.Add(part);
        return Task.CompletedTask;
    }

    private async Task<string> Begin()
    {
        await Announce(isLarge: true);
        KillPoint.Reach("s3.announced");
        var begun = await calls.Begin(names.Of(key, Write), cancel);
        KillPoint.Reach("s3.multipart-begun");
        return await rows.Name(Write, begun, cancel)
            ?? throw new IOException("Writing the object took so long without a sign of life that it was given up.");
    }

    private Task Announce(bool isLarge)
    {
        IsAnnounced = true;
        return rows.Announce(Write, key, isLarge, cancel);
    }
}
