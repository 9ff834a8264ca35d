using System.Buffers.Binary;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Which start of the program this is: made once by each. Its first bits say when that was.</summary>
public sealed record NodeId(Guid Value)
{
    // Those of the id's bits that nothing follows from; the others are time, version and variant.
    private const int Random = 8;

    public static NodeId New() => new(Guid.CreateVersion7());

    /// <summary>The number of the lock that this node holds for as long as it lives.</summary>
    internal long Lock => BinaryPrimitives.ReadInt64BigEndian(Value.ToByteArray(bigEndian: true).AsSpan(Random));
}

/// <summary>Asks the database who lives: each node's <see cref="Presence"/> holds a lock that is made of its id.</summary>
internal sealed class Nodes(EventPool pool, NodeId self) : INodes
{
    public Guid This => self.Value;

    public Task<bool> Lives(Guid node, CancellationToken cancel) =>
        Presence.IsHeld(pool.Source, new NodeId(node).Lock, cancel);
}
