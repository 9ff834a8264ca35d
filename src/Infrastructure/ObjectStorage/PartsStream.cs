namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>The bytes of parts, one after the other, from one place on; each part is opened when it is its turn.</summary>
internal sealed class PartsStream(IObjects objects, UploadId upload, IReadOnlyList<DirectPart> parts, long from) : OneWayStream
{
    private Stream? current;
    private long left;
    private long skip = from;
    private int next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            if (left == 0 && !await Next(cancellationToken))
                return 0;
            var count = await current!.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken);
            if (count == 0)
                throw new IOException("A part ends before its end.");
            left -= count;
            return count;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        current?.Dispose();
        base.Dispose(disposing);
    }

    private async Task<bool> Next(CancellationToken cancel)
    {
        for (; next < parts.Count && skip >= parts[next].SizeBytes; next++)
            skip -= parts[next].SizeBytes;
        if (next == parts.Count)
            return false;
        if (current is not null)
            await current.DisposeAsync();
        current = await objects.Open(ObjectKey.Part(upload, parts[next].Number), cancel)
            ?? throw new IOException("A part that was there is there no more.");
        // Whoever sends a part again meanwhile sends as many bytes.
        if (current.Length != parts[next].SizeBytes)
            throw new IOException("A part has another length than it had.");
        current.Position = skip;
        (left, skip) = (parts[next].SizeBytes - skip, 0);
        next++;
        return true;
    }
}
