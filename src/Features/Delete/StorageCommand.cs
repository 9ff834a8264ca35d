namespace EventFiles.Features.Delete;

public abstract record StorageCommand
{
    private StorageCommand() { }

    /// <summary>Keep on record that it was removed.</summary>
    public sealed record Remove(StoredObject Stored, StorageFault Fault) : StorageCommand;
}
