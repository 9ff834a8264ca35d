namespace EventFiles.Features.Delete;

/// <summary>What was done about the object store by itself. Stored for ever: add cases, never change one.</summary>
public abstract record StorageEvent
{
    private StorageEvent() { }

    /// <summary>An object was removed for which nothing in the log stood, or nothing any more.</summary>
    /// <param name="Fault"><c>orphan</c> or <c>leftOver</c>.</param>
    /// <param name="StoredAt">When it had been written, by the store's clock.</param>
    public sealed record OrphanRemoved(ObjectKey Key, StorageFault Fault, long SizeBytes, DateTimeOffset StoredAt) : StorageEvent;
}

/// <summary>How log and object store can disagree about an object.</summary>
public enum StorageFault
{
    /// <summary>Nothing in the log tells of it.</summary>
    Orphan,

    /// <summary>The log tells that it is not needed any more.</summary>
    LeftOver,

    /// <summary>The log says it is there, and it is not.</summary>
    Dangling,

    /// <summary>It has another size than the log says.</summary>
    WrongSize,

    /// <summary>It is none of ours: somebody else put it there.</summary>
    Foreign,
}
