using System.Security.Cryptography;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>A key that wraps the keys of persons for a time, and is kept outside the database. Not a record: it never prints itself.</summary>
internal sealed class EraKey
{
    public const int Bytes = 32;

    private readonly byte[] key;

    public EraKey(byte[] key)
    {
        this.key = key.Length == Bytes ? key : throw new ArgumentException("An era key has 32 bytes.", nameof(key));
        Id = new Guid(SHA256.HashData([.. "eventfiles/era/id"u8, .. key]).AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>Follows from the key and tells nothing of it: another key has another id.</summary>
    public Guid Id { get; }

    public ReadOnlySpan<byte> Key => key;
}

/// <summary>Where a node finds era keys. All nodes of an installation find the same.</summary>
public abstract class EraKeys
{
    /// <summary>For a command that was told of none.</summary>
    public static EraKeys None { get; } = new SecretEraKeys([]);

    /// <summary>Keys that follow from secrets; the first one wraps what is new.</summary>
    public static EraKeys Of(IReadOnlyList<SharedSecret> secrets) => new SecretEraKeys(secrets);

    /// <summary>Keys in a folder; the last by name wraps what is new.</summary>
    /// <param name="mayMake">Whether the first one is made when there is none: not where others would have to find it.</param>
    public static EraKeys In(string folder, bool mayMake) => new FolderEraKeys(folder, mayMake);

    /// <summary>For an operator: where they are, without a secret.</summary>
    public abstract string Place { get; }

    /// <summary>The one that wraps what is new; null when there is none.</summary>
    internal abstract EraKey? Current { get; }

    internal abstract EraKey? Find(Guid id);

    /// <summary>Whether new ones are made and old ones destroyed without anybody's help.</summary>
    internal virtual bool CanRenew => false;

    /// <summary>Whether every place is the one that it was: a key in one that is away would not be destroyed.</summary>
    /// <exception cref="IOException">One is not.</exception>
    internal virtual void CheckReplicas()
    {
    }

    /// <summary>Looks where keys are kept whether others have made or destroyed one.</summary>
    internal virtual void Refresh()
    {
    }

    /// <summary>Makes the first key; null where keys are given and not made.</summary>
    internal abstract EraKey? Make();

    /// <summary>The key of another era than those that there were; null where it must be given and was not.</summary>
    internal abstract EraKey? Renew(IReadOnlyCollection<Guid> used);

    /// <summary>Makes sure that there is no such key any more.</summary>
    /// <returns>False where only whoever gave it can do that.</returns>
    internal abstract bool Destroy(Guid id);

    /// <summary>The key as each place has it in which it is kept; null where it is missing.</summary>
    internal abstract IEnumerable<EraKey?> EachReplica(Guid id);

    /// <summary>The journal of destroyed keys that is kept beside these, by person.</summary>
    internal virtual IReadOnlyDictionary<Guid, DestroyedEntry> ReadJournal() => new Dictionary<Guid, DestroyedEntry>();

    /// <summary>Adds a line to it, durably.</summary>
    internal virtual void WriteJournal(DestroyedEntry entry)
    {
    }
}

/// <summary>Every node makes the same of the secret that it was told.</summary>
internal sealed class SecretEraKeys(IReadOnlyList<SharedSecret> secrets) : EraKeys
{
    private readonly EraKey[] keys = [.. secrets.Select(secret => new EraKey(secret.Derive("eras: AES-256", EraKey.Bytes)))];

    public override string Place => keys.Length == 0 ? "nowhere" : "ENCRYPTION_KEY";

    internal override EraKey? Current => keys.FirstOrDefault();

    internal override EraKey? Find(Guid id) => Array.Find(keys, key => key.Id == id);

    internal override EraKey? Make() => null;

    internal override EraKey? Renew(IReadOnlyCollection<Guid> used) => Current is { } first && !used.Contains(first.Id) ? first : null;

    internal override bool Destroy(Guid id) => Find(id) is null;

    internal override IEnumerable<EraKey?> EachReplica(Guid id) => [Find(id)];
}
