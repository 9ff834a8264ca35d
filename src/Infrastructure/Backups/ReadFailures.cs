namespace EventFiles.Infrastructure.Backups;

/// <summary>An object that is read by somebody else, of whom one wants to know why he failed.</summary>
internal sealed class ReadFailures(Func<Task<Stream?>> open) : OneWayStream
{
    private Stream? content;

    /// <summary>Whether the object itself could not be read; false when its store was away.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Opens it; false when there is no such object.</summary>
    public async Task<bool> Open()
    {
        content = await Watched(open);
        return content is not null;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Watched(() => content!.ReadAsync(buffer, cancellationToken).AsTask());

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
