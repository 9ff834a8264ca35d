namespace EventFiles.Client;

/// <summary>Ends a transfer whose line has died without a word.</summary>
internal sealed class StallGuard : IDisposable
{
    /// <summary>A line on which nothing moves for so long is dead.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>A server that has all bytes may take so long to make a file of them.</summary>
    private static readonly TimeSpan LastReply = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource source;

    public StallGuard(CancellationToken cancel)
    {
        source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Moved();
    }

    public CancellationToken Token => source.Token;

    public void Moved() => source.CancelAfter(Silence);

    /// <summary>All is sent; now the server works.</summary>
    public void Sent() => source.CancelAfter(LastReply);

    public void Dispose() => source.Dispose();
}
