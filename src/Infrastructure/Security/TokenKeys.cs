using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// The keys that sign access tokens: a directory of PEM files (PKCS#8, P-256), readable by the server's user only. The
/// last by name signs; all of them verify, so a key stays until nothing it signed is in use. Nodes that share the
/// directory know each other's keys.
/// </summary>
public sealed class TokenKeys : IDisposable
{
    // How often a token with an unknown key id may make us look into the directory.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly string directory;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private ImmutableSortedDictionary<string, SigningKey> byFile = ImmutableSortedDictionary.Create<string, SigningKey>(StringComparer.Ordinal);
    private long lookedAt;

    /// <summary>Reads the keys, or makes the first one.</summary>
    /// <exception cref="InvalidOperationException">A file in the directory is no key of ours.</exception>
    public TokenKeys(string directory, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        this.directory = directory;
        this.clock = clock;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Look();
        if (byFile.IsEmpty)
            Rotate();
    }

    internal IEnumerable<SigningKey> All => Volatile.Read(ref byFile).Values;

    internal SigningKey Current => Volatile.Read(ref byFile).Last().Value;

    /// <summary>Makes a new key, which signs from now on.</summary>
    /// <returns>Its id.</returns>
    public string Rotate()
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = Path.Combine(directory, $"{Guid.CreateVersion7(clock.GetUtcNow())}.pem");
        var draft = path + ".draft";
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = System.IO.FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
        Look();
        return Current.Id;
    }

    /// <summary>The key that a token names; looks for keys that another node made when it is unknown.</summary>
    internal SigningKey? Find(string id)
    {
        if (Known(id) is { } known)
            return known;
        lock (gate)
        {
            if (clock.GetElapsedTime(lookedAt) < LookAgain)
                return Known(id);
        }

        Look();
        return Known(id);
    }

    public void Dispose()
    {
        foreach (var key in All)
            key.Dispose();
    }

    private SigningKey? Known(string id)
    {
        foreach (var key in Volatile.Read(ref byFile).Values)
        {
            if (key.Id == id)
                return key;
        }

        return null;
    }

    private void Look()
    {
        lock (gate)
        {
            lookedAt = clock.GetTimestamp();
            foreach (var path in Directory.EnumerateFiles(directory, "*.pem").Where(path => !byFile.ContainsKey(path)))
                Volatile.Write(ref byFile, byFile.Add(path, SigningKey.Read(path)));
        }
    }
}

/// <summary>One P-256 key pair. Safe for concurrent use.</summary>
internal sealed class SigningKey : IDisposable
{
    /// <summary>Bytes of a signature: two numbers of 32 bytes.</summary>
    public const int SignatureBytes = 64;

    // The platform does not promise that one instance serves several threads at once.
    private readonly ConcurrentBag<ECDsa> idle = [];
    private readonly ECParameters key;

    private SigningKey(ECParameters key)
    {
        this.key = key;
        X = Convert.ToBase64String(key.Q.X!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Y = Convert.ToBase64String(key.Q.Y!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Id = Thumbprint();
    }

    /// <summary>The key's RFC 7638 thumbprint: no two keys share it.</summary>
    public string Id { get; }

    /// <summary>The public point's coordinates, base64url.</summary>
    public string X { get; }

    public string Y { get; }

    public static SigningKey Read(string path)
    {
        try
        {
            using var read = ECDsa.Create();
            read.ImportFromPem(File.ReadAllText(path));
            var pair = read.ExportParameters(includePrivateParameters: true);
            return pair.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? new SigningKey(pair)
                : throw new CryptographicException("The curve is another than P-256.");
        }
        catch (Exception failed) when (failed is CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"{path} is not a P-256 private key in PEM.", failed);
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> content)
    {
        var signer = Rent();
        var signature = signer.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(signer);
        return signature;
    }

    public bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        var verifier = Rent();
        var isGood = verifier.VerifyData(
            content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(verifier);
        return isGood;
    }

    public void Dispose()
    {
        while (idle.TryTake(out var instance))
            instance.Dispose();
    }

    private ECDsa Rent() => idle.TryTake(out var instance) ? instance : ECDsa.Create(key);

    private string Thumbprint() => System.Buffers.Text.Base64Url.EncodeToString(
        SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));
}
