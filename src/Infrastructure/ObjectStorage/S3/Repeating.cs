namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Does something again and again until it is disposed of, whether or not it fails.</summary>
internal sealed class Repeating : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public Repeating(TimeSpan every, Func<Task> act) => running = Run(every, act);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task Run(TimeSpan every, Func<Task> act)
    {
        while (true)
        {
            await Task.Delay(every, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (stop.IsCancellationRequested)
                return;
            await act().ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
