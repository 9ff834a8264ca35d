namespace EventFiles.Infrastructure.Security;

/// <summary>The keys that sign access tokens: one signs, all of them verify.</summary>
public abstract class TokenKeys : IDisposable
{
    internal abstract IEnumerable<SigningKey> All { get; }

    internal abstract SigningKey Current { get; }

    /// <summary>The key that a token names.</summary>
    internal virtual SigningKey? Find(string id)
    {
        foreach (var key in All)
        {
            if (key.Id == id)
                return key;
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var key in All)
            key.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Keys that every node makes for itself of the secrets they share: the first one's signs.</summary>
internal sealed class DerivedKeys(IReadOnlyList<SharedSecret> secrets) : TokenKeys
{
    private readonly SigningKey[] keys = [.. secrets.Select(SigningKey.Of)];

    internal override IEnumerable<SigningKey> All => keys;

    internal override SigningKey Current => keys[0];
}
