namespace EventFiles.Infrastructure.EventStore;

/// <summary>Which stream, folded to which state.</summary>
internal readonly record struct StateKey(string Stream, Type State);

/// <summary>A stream's state after so many events.</summary>
internal sealed record StreamState(long Version, object State)
{
    /// <summary>The id of the last of these events.</summary>
    public Guid LastEvent { get; init; }

    /// <summary>The version up to which a snapshot is kept, as far as is known here; 0 when none is.</summary>
    public long Kept { get; init; }
}

/// <summary>The states of the streams used last, bounded by number. An entry may be outdated; it never goes back.</summary>
internal sealed class StateCache(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<StateKey, LinkedListNode<(StateKey Key, StreamState State)>> nodes = [];
    private readonly LinkedList<(StateKey Key, StreamState State)> byUse = new();

    public StreamState? Find(StateKey key)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(key, out var node))
                return null;
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.State;
        }
    }

    /// <summary>Keeps the state unless a later one is kept already.</summary>
    public void Put(StateKey key, StreamState state)
    {
        lock (gate)
        {
            if (nodes.TryGetValue(key, out var node))
            {
                if (node.Value.State.Version < state.Version)
                    node.Value = (key, state);
                return;
            }

            nodes.Add(key, byUse.AddFirst((key, state)));
            if (nodes.Count <= capacity)
                return;
            nodes.Remove(byUse.Last!.Value.Key);
            byUse.RemoveLast();
        }
    }

    /// <summary>For a stream that is over.</summary>
    public void Forget(string stream)
    {
        lock (gate)
        {
            foreach (var key in nodes.Keys.Where(key => string.Equals(key.Stream, stream, StringComparison.Ordinal)).ToArray())
            {
                byUse.Remove(nodes[key]);
                nodes.Remove(key);
            }
        }
    }

    /// <summary>All of them: somewhere else something was erased.</summary>
    public void Clear()
    {
        lock (gate)
        {
            nodes.Clear();
            byUse.Clear();
        }
    }

    /// <summary>For an entry that contradicts the database, as after a restored backup.</summary>
    public void Forget(StateKey key)
    {
        lock (gate)
        {
            if (nodes.Remove(key, out var node))
                byUse.Remove(node);
        }
    }
}
