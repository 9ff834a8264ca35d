namespace EventFiles.Infrastructure.Backups;

/// <summary>An object that is read by somebody else, of whom one wants to know why he failed.</summary>
internal sealed class ReadFailures(Func<Task<Stream?>> open) : Stream
{
    private Stream? content;

    /// <summary>Whether the object itself could not be read; false when its store was away.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens it; false when there is no such object.</summary>
    public async Task<bool> Open()
    {
        content = await Watched(open);
        return content is not null;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Watched(() => content!.ReadAsync(buffer, cancellationToken).AsTask());

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (content is not null)
            await content.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<T> Watched<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (ObjectReading.IsOfTheObject(failure))
        {
            HasFailed = true;
            throw;
        }
    }
}
