using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>Objects that grow and are worked on by this node: each by one at a time. Other nodes are kept off by rows.</summary>
internal sealed class BusyKeys
{
    private readonly ConcurrentDictionary<ObjectKey, bool> busy = new();

    /// <summary>Does the work, unless somebody is at it.</summary>
    /// <param name="overtaken">What whoever comes too late is told.</param>
    public async Task<T> Alone<T>(ObjectKey key, Func<Task<T>> work, Func<ObjectKey, Task<OffsetMismatchException>> overtaken)
    {
        if (!busy.TryAdd(key, true))
            throw await overtaken(key);
        try
        {
            return await work();
        }
        finally
        {
            busy.TryRemove(key, out _);
        }
    }
}
