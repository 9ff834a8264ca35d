using System.Collections.Concurrent;

namespace EventFiles.Features.Sync;

/// <summary>Counts the streams that are open on this node, so that no account takes all connections.</summary>
internal sealed class OpenStreams(SyncOptions options)
{
    private readonly ConcurrentDictionary<AccountId, int> open = new();

    /// <summary>Counts one more; null when there are as many as there may be. Whoever disposes of it has closed the stream.</summary>
    public IDisposable? TryOpen(AccountId account)
    {
        if (open.AddOrUpdate(account, 1, (_, count) => count + 1) <= options.PerAccount)
            return new Place(this, account);
        Close(account);
        return null;
    }

    private void Close(AccountId account)
    {
        var left = open.AddOrUpdate(account, 0, (_, count) => count - 1);
        if (left == 0)
            open.TryRemove(KeyValuePair.Create(account, 0));
    }

    private sealed class Place(OpenStreams streams, AccountId account) : IDisposable
    {
        private int isClosed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isClosed, 1) == 0)
                streams.Close(account);
        }
    }
}
