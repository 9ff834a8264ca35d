namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Lets this process's writers of one stream go one after the other, so that they do not meet as conflicts in the
/// database. Only a courtesy: correctness rests on the stream's version there.
/// </summary>
internal sealed class StreamLocks
{
    // Two streams that share a lock wait for each other without need: seldom, and briefly.
    private const int Count = 4096;

    private readonly SemaphoreSlim[] locks =
        [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];

    public Hold Begin() => new(locks);

    /// <summary>Streams of the same number wait for each other.</summary>
    internal static int NumberOf(string stream) => (int)((uint)StringComparer.Ordinal.GetHashCode(stream) % Count);

    /// <summary>The locks of one transaction's attempt; disposing lets go of all.</summary>
    public sealed class Hold(SemaphoreSlim[] locks) : IDisposable
    {
        // Ascending.
        private readonly List<int> held = [];

        /// <summary>
        /// Waits for the lock of a stream. A transaction learns one by one which streams it writes, so to take locks in
        /// one order it lets go of those that come later and takes them again: then nobody waits in a circle.
        /// </summary>
        public async ValueTask Take(string stream, CancellationToken cancel)
        {
            var wanted = NumberOf(stream);
            if (held.Contains(wanted))
                return;
            var at = held.FindIndex(one => one > wanted);
            if (await locks[wanted].WaitAsync(at < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancel))
            {
                held.Insert(at < 0 ? held.Count : at, wanted);
                return;
            }

            var later = held[at..];
            held.RemoveRange(at, later.Count);
            foreach (var one in later)
                locks[one].Release();
            foreach (var one in later.Prepend(wanted))
            {
                await locks[one].WaitAsync(cancel);
                held.Add(one);
            }
        }

        public void Dispose()
        {
            foreach (var one in held)
                locks[one].Release();
            held.Clear();
        }
    }
}
