namespace EventFiles.Infrastructure.Backups;

/// <summary>A list of a backup, gone through beside a newer one: both are in the order of positions.</summary>
internal sealed class FormerList : IAsyncDisposable
{
    private readonly IAsyncEnumerator<BackedObject>? lines;
    private BackedObject? next;
    private bool hasBegun;

    public FormerList(string? file, CancellationToken cancel) =>
        lines = file is not null && File.Exists(file) ? BackupFolder.List(file, cancel).GetAsyncEnumerator(cancel) : null;

    /// <summary>What it says of an object; null when it says nothing. Ask in the order of positions.</summary>
    public async Task<BackedObject?> Of(LoggedObject told)
    {
        while (!hasBegun || next?.Position < told.Position)
        {
            hasBegun = true;
            next = await Next();
        }

        return next is { } one && one.Position == told.Position && one.Key == told.Key && one.SizeBytes == told.SizeBytes ? one : null;
    }

    public ValueTask DisposeAsync() => lines?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Without a list that can be read, everything is compared with the log.
    private async Task<BackedObject?> Next()
    {
        try
        {
            return lines is not null && await lines.MoveNextAsync() ? lines.Current : null;
        }
        catch (BackupException)
        {
            return null;
        }
    }
}
