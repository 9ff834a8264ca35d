using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Delete.StorageCommand;
using static EventFiles.Features.Delete.StorageEvent;

namespace EventFiles.Features.Delete;

/// <summary>What was removed of one upload, or of what was made of one file.</summary>
public sealed record StorageState(ImmutableHashSet<StoredObject> Removed);

public static class StorageDecider
{
    public static readonly Decider<StorageCommand, StorageState, StorageEvent> Decider = new(
        new StorageState([]), Evolve, Decide);

    /// <summary>By the upload or the file that the key names. Whose it was is not known: it belongs to nobody.</summary>
    public static StreamId StreamOf(ObjectKey key) =>
        new($"storage-{(key.AsRaw() ?? key.AsPart()?.Upload)?.Value ?? key.AsAvatar()?.Avatar.Value ?? key.AsVariant()!.Value.File.Value}", default);

    private static Decision<StorageEvent> Decide(StorageState store, StorageCommand ask, DateTimeOffset now) => ask switch
    {
        Remove remove when store.Removed.Contains(remove.Stored) => Decision<StorageEvent>.AlreadySo,
        Remove remove => new OrphanRemoved(
            remove.Stored.Key, remove.Fault, remove.Stored.SizeBytes, remove.Stored.StoredAt),
        _ => throw new UnreachableException(),
    };

    private static StorageState Evolve(StorageState store, StorageEvent happened) => happened switch
    {
        OrphanRemoved removed => new StorageState(
            store.Removed.Add(new StoredObject(removed.Key, removed.SizeBytes, removed.StoredAt))),
        _ => throw new UnreachableException(),
    };
}
