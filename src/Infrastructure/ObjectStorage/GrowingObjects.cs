using System.Security.Cryptography;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>What is remembered of an object between appends.</summary>
internal sealed class Growth
{
    /// <summary>Bytes that are known to survive a crash; null when not known.</summary>
    public long? DurableBytes { get; set; }

    /// <summary>The digest over exactly <see cref="DurableBytes"/>; null when it must be taken from the file.</summary>
    public IncrementalHash? Digest { get; set; }

    public bool IsBusy { get; set; }

    public long LastUse { get; set; }

    public void Forget()
    {
        Digest?.Dispose();
        (Digest, DurableBytes) = (null, null);
    }
}

/// <summary>
/// Who appends to what now, and running digests, so that sealing need not read the object again. Bounded: what falls out
/// is read from the file when it is needed.
/// </summary>
internal sealed class GrowingObjects(int capacity)
{
    private readonly Dictionary<ObjectKey, Growth> known = [];
    private long uses;

    /// <summary>Takes the object for one writer; null when another one has it.</summary>
    public Growth? Enter(ObjectKey key)
    {
        lock (known)
        {
            if (!known.TryGetValue(key, out var growth))
            {
                Shrink();
                known.Add(key, growth = new Growth());
            }

            if (growth.IsBusy)
                return null;
            growth.IsBusy = true;
            growth.LastUse = ++uses;
            return growth;
        }
    }

    /// <summary>Lets the next writer in.</summary>
    public void Leave(ObjectKey key, Growth growth)
    {
        lock (known)
        {
            growth.IsBusy = false;
            if (growth.DurableBytes is null)
                Remove(key, growth);
        }
    }

    /// <summary>The length that is known to be durable, if it is known.</summary>
    public long? DurableBytes(ObjectKey key)
    {
        lock (known)
        {
            return known.TryGetValue(key, out var growth) ? growth.DurableBytes : null;
        }
    }

    /// <summary>The object is gone; a writer that is at it finds out by itself.</summary>
    public void Forget(ObjectKey key)
    {
        lock (known)
        {
            if (known.TryGetValue(key, out var growth) && !growth.IsBusy)
                Remove(key, growth);
        }
    }

    // A quarter at once, so that a full table is not searched for every newcomer.
    private void Shrink()
    {
        if (known.Count < capacity)
            return;
        foreach (var (key, growth) in known.Where(one => !one.Value.IsBusy).OrderBy(one => one.Value.LastUse).Take(capacity / 4).ToList())
            Remove(key, growth);
    }

    private void Remove(ObjectKey key, Growth growth)
    {
        growth.Forget();
        known.Remove(key);
    }
}
