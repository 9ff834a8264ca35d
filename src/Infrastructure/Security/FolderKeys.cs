using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Keys in a directory of PEM files (PKCS#8, P-256), readable by the server's user only. The last by name signs; a key
/// stays until nothing it signed is in use. Nodes that share the directory know each other's keys.
/// </summary>
public sealed class FolderKeys : TokenKeys
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
    public FolderKeys(string directory, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        this.directory = directory;
        this.clock = clock;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Look();
        if (byFile.IsEmpty)
            Rotate();
    }

    internal override IEnumerable<SigningKey> All => Volatile.Read(ref byFile).Values;

    internal override SigningKey Current => Volatile.Read(ref byFile).Last().Value;

    /// <summary>Makes a new key, which signs from now on.</summary>
    /// <returns>Its id.</returns>
    public string Rotate()
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = NewPath();
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

    // The last by name signs, also of two that are made in the same millisecond.
    private string NewPath()
    {
        for (var at = clock.GetUtcNow(); ; at = at.AddMilliseconds(1))
        {
            var path = Path.Combine(directory, $"{Guid.CreateVersion7(at)}.pem");
            if (byFile.IsEmpty || string.CompareOrdinal(path, byFile.Last().Key) > 0)
                return path;
        }
    }

    /// <summary>The key that a token names; looks for keys that another node made when it is unknown.</summary>
    internal override SigningKey? Find(string id)
    {
        if (base.Find(id) is { } known)
            return known;
        lock (gate)
        {
            if (clock.GetElapsedTime(lookedAt) < LookAgain)
                return base.Find(id);
        }

        Look();
        return base.Find(id);
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
