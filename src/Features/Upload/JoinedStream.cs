namespace EventFiles.Features.Upload;

/// <summary>The bytes of some sealed objects, one after the other; each is opened when it is its turn.</summary>
internal sealed class JoinedStream(IObjects objects, IReadOnlyList<ObjectKey> keys) : OneWayStream
{
    private Stream? current;
    private int next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (current is null)
            {
                if (next == keys.Count)
                    return 0;
                current = await objects.Open(keys[next++], cancellationToken)
                    ?? throw new IOException("A part that was there is there no more.");
            }

            var count = await current.ReadAsync(buffer, cancellationToken);
            if (count > 0 || buffer.IsEmpty)
                return count;
            await current.DisposeAsync();
            current = null;
        }
    }

    protected override void Dispose(bool disposing)
    {
        current?.Dispose();
        base.Dispose(disposing);
    }
}
