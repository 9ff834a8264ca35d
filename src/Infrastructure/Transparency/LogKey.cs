using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>The key that signs checkpoints, and the name of the log. Not a record: it holds a secret.</summary>
public sealed class LogKey
{
    /// <summary>The file with it in a folder of keys: one line, a seed of 32 bytes in base64.</summary>
    public const string FileName = "transparency-log.key";

    private readonly byte[] seed;

    private LogKey(byte[] seed, string? origin)
    {
        this.seed = seed;
        PublicKey = Ed25519.PublicKeyOf(seed);
        // Two logs must not have one name, and a name that follows from the key needs nobody who thinks of one.
        Origin = origin ?? $"eventfiles/{Convert.ToHexStringLower(SHA256.HashData(PublicKey))[..16]}";
    }

    /// <summary>What the log is called in its checkpoints: no spaces, no plus sign.</summary>
    public string Origin { get; }

    public string VerifierKey => SignedNote.VerifierKey(Origin, SignedNote.LogKind, PublicKey);

    internal byte[] PublicKey { get; }

    /// <summary>The key that every node makes of the secret that they share.</summary>
    public static LogKey Of(SharedSecret secret, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return new LogKey(secret.Derive("transparency log: Ed25519", Ed25519.SeedBytes), origin);
    }

    /// <summary>The key in a folder.</summary>
    /// <param name="mayMake">Whether one is made when there is none.</param>
    /// <exception cref="InvalidOperationException">There is none, or the file holds something else.</exception>
    public static LogKey In(string folder, bool mayMake, string? origin = null)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            if (!mayMake)
                throw new InvalidOperationException($"{path} is missing, the key that signs checkpoints of the log.");
            Make(path);
        }

        var kept = new byte[Ed25519.SeedBytes + 1];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), kept, out var length) && length == Ed25519.SeedBytes
            ? new LogKey(kept[..length], origin)
            : throw new InvalidOperationException($"{path} is not a key that signs checkpoints of the log.");
    }

    internal byte[] Sign(ReadOnlySpan<byte> message) => Ed25519.Sign(seed, message);

    private static void Make(string path)
    {
        Directory.CreateDirectory(
            Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var draft = path + ".draft";
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = System.IO.FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Ed25519.SeedBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }
}
