namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// The keys under which private rows are sealed, one for each person. A row whose key was destroyed is as good as deleted,
/// in every copy of the database.
/// </summary>
public abstract class PrivateKeys
{
    /// <summary>Seals nothing, and opens nothing that was sealed.</summary>
    public static PrivateKeys None { get; } = new NoKeys();

    /// <summary>How what is told of a person is written from now on.</summary>
    /// <exception cref="ObjectKeyLostException">It cannot be sealed now.</exception>
    internal abstract ValueTask<PrivateSeal> ToSeal(AccountId tenant, CancellationToken cancel);

    /// <summary>Those of the keys that there are still. One that was destroyed is left out; one that is spoilt is null.</summary>
    /// <exception cref="ObjectKeyLostException">A key is there and cannot be had: nothing is known of what it seals.</exception>
    internal abstract ValueTask<IReadOnlyDictionary<Guid, PrivateKey?>> ToOpen(IReadOnlyCollection<Guid> ids, CancellationToken cancel);

    /// <summary>Before a store is filled: tells its database whose keys were destroyed, as far as that stands elsewhere.</summary>
    internal virtual Task Prepare(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The files that were erased, one by one: nothing of them is brought back.</summary>
    internal virtual ValueTask<IReadOnlySet<FileId>> ErasedFiles(CancellationToken cancel) => new(new HashSet<FileId>());

    private sealed class NoKeys : PrivateKeys
    {
        private static readonly IReadOnlyDictionary<Guid, PrivateKey?> Nobodys = new Dictionary<Guid, PrivateKey?>();

        internal override ValueTask<PrivateSeal> ToSeal(AccountId tenant, CancellationToken cancel) => new(PrivateSeal.Plain);

        internal override ValueTask<IReadOnlyDictionary<Guid, PrivateKey?>> ToOpen(IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
            ids.Count == 0 ? new(Nobodys) : throw new ObjectKeyLostException("What is personal is encrypted, and no key was given.");
    }
}

/// <summary>A person's key for private rows. Not a record: it never prints itself.</summary>
internal sealed class PrivateKey(Guid id, byte[] key)
{
    /// <summary>Stands in the rows, and says nothing about the person.</summary>
    public Guid Id => id;

    public ReadOnlySpan<byte> Key => key;
}

/// <summary>How a private row is written.</summary>
/// <param name="Key">Sealed under this; null when it is not sealed.</param>
/// <param name="IsErased">Not at all: the person was erased, and what comes late is not kept.</param>
internal sealed record PrivateSeal(PrivateKey? Key, bool IsErased)
{
    public static readonly PrivateSeal Plain = new(null, false);

    public static readonly PrivateSeal Erased = new(null, true);

    public static PrivateSeal Under(PrivateKey key) => new(key, false);
}
