using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>Texts and keys as C2SP writes them: signed-note, tlog-checkpoint, tlog-cosignature.</summary>
internal static class SignedNote
{
    public const byte LogKind = 1;
    public const byte WitnessKind = 4;

    private const int KeyIdBytes = 4;

    /// <summary>What is signed of a tree: origin, size and root, a line each.</summary>
    public static string Checkpoint(string origin, long size, ReadOnlySpan<byte> root) => string.Create(
        CultureInfo.InvariantCulture, $"{origin}\n{size}\n{Convert.ToBase64String(root)}\n");

    /// <summary>The text, an empty line, and the signature's line.</summary>
    public static string Sign(string text, LogKey key) =>
        $"{text}\n{SignatureLine(key.Origin, KeyId(key.Origin, LogKind, key.PublicKey), key.Sign(Encoding.UTF8.GetBytes(text)))}";

    public static string SignatureLine(string name, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> signature) =>
        $"— {name} {Convert.ToBase64String([.. keyId, .. signature])}\n";

    /// <summary>By which a signature's line names its key.</summary>
    public static byte[] KeyId(string name, byte kind, ReadOnlySpan<byte> publicKey) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', kind, .. publicKey])[..KeyIdBytes];

    public static string VerifierKey(string name, byte kind, ReadOnlySpan<byte> publicKey) =>
        $"{name}+{Convert.ToHexStringLower(KeyId(name, kind, publicKey))}+{Convert.ToBase64String([kind, .. publicKey])}";

    /// <summary>A public key from how it is written; null when that is no such key.</summary>
    public static (string Name, byte Kind, byte[] PublicKey)? ReadVerifierKey(string text)
    {
        var parts = text.Split('+', 3);
        var raw = new byte[1 + Ed25519.PublicKeyBytes + 1];
        return parts.Length == 3
            && Convert.TryFromBase64String(parts[2], raw, out var length) && length == 1 + Ed25519.PublicKeyBytes
            && parts[1] == Convert.ToHexStringLower(KeyId(parts[0], raw[0], raw.AsSpan(1, Ed25519.PublicKeyBytes)))
            ? (parts[0], raw[0], raw[1..^1])
            : null;
    }

    /// <summary>Whether a note bears the log's signature.</summary>
    public static bool IsSigned(string note, LogKey key)
    {
        var end = note.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var text = Encoding.UTF8.GetBytes(note[..(end + 1)]);
        var id = KeyId(key.Origin, LogKind, key.PublicKey);
        return note[(end + 2)..].Split('\n').Any(line =>
            Signature(line, key.Origin, id) is { } signature && Ed25519.Verify(key.PublicKey, text, signature));
    }

    /// <summary>Whether a line is this witness's signature over a note's text at the time that it names.</summary>
    public static bool IsCosigned(string line, string text, string name, ReadOnlySpan<byte> publicKey)
    {
        if (Signature(line, name, KeyId(name, WitnessKind, publicKey)) is not { } signature || signature.Length != sizeof(long) + Ed25519.SignatureBytes)
            return false;
        var at = BinaryPrimitives.ReadInt64BigEndian(signature);
        var signed = string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {at}\n{text}");
        return Ed25519.Verify(publicKey, Encoding.UTF8.GetBytes(signed), signature.AsSpan(sizeof(long)));
    }

    /// <summary>Size and root that a note tells of; null when it is no checkpoint.</summary>
    public static (long Size, byte[] Root)? ReadCheckpoint(string note)
    {
        var lines = note.Split('\n');
        var root = new byte[MerkleHash.Bytes + 1];
        return lines.Length > 3
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && Convert.TryFromBase64String(lines[2], root, out var length) && length == MerkleHash.Bytes
            ? (size, root[..length])
            : null;
    }

    private static byte[]? Signature(string line, string name, ReadOnlySpan<byte> keyId)
    {
        var start = $"— {name} ";
        if (!line.StartsWith(start, StringComparison.Ordinal))
            return null;
        var raw = new byte[256];
        return Convert.TryFromBase64String(line[start.Length..].TrimEnd('\n'), raw, out var length)
            && length > KeyIdBytes && raw.AsSpan(0, KeyIdBytes).SequenceEqual(keyId)
            ? raw[KeyIdBytes..length]
            : null;
    }
}
