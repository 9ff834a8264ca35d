namespace EventFiles.Infrastructure.Live;

/// <summary>
/// What one watcher has not taken yet. However slow they are it holds the last of each key and at most
/// <see cref="Most"/> of them: beyond that they are told to read anew.
/// </summary>
internal sealed class Watch(Func<News, bool> wants, Action<Watch> forget) : INewsWatch
{
    public const int Most = 1000;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim bell = new(0, 1);
    private readonly Dictionary<object, News> pending = [];
    private long upto;
    private bool isReset;
    private volatile bool hasEnded;

    public void Add(IReadOnlyList<News> news, long position)
    {
        lock (gate)
        {
            foreach (var one in news.Where(wants))
            {
                if (!pending.TryGetValue(one.Key, out var known) || known.Position < one.Position)
                    pending[one.Key] = one;
            }

            upto = Math.Max(upto, position);
            if (pending.Count > Most)
            {
                // Who is signed in is asked for in any case.
                pending.Clear();
                isReset = true;
            }

            if (pending.Count > 0 || isReset)
                Ring();
        }
    }

    public void Reset(long position)
    {
        lock (gate)
        {
            isReset = true;
            upto = Math.Max(upto, position);
            Ring();
        }
    }

    public void End()
    {
        lock (gate)
        {
            hasEnded = true;
            Ring();
        }
    }

    public async Task<NewsBatch?> Next(TimeSpan atMost, CancellationToken cancel)
    {
        await bell.WaitAsync(atMost, cancel);
        lock (gate)
        {
            if (hasEnded)
                return null;
            var batch = new NewsBatch([.. pending.Values.OrderBy(news => news.Position)], upto, isReset);
            pending.Clear();
            isReset = false;
            return batch;
        }
    }

    public void Dispose()
    {
        forget(this);
        bell.Dispose();
    }

    private void Ring()
    {
        if (bell.CurrentCount == 0)
            bell.Release();
    }
}
