using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Verify;

/// <summary>A public key as signed notes write it (c2sp.org/signed-note): <c>name+id+key</c>.</summary>
public sealed class VerifierKey
{
    private const byte LogKind = 1;
    private const byte WitnessKind = 4;
    private const int KeyBytes = 32;
    private const int IdBytes = 4;
    private const int TimeBytes = 8;
    private const int SignatureBytes = 64;

    private readonly byte kind;
    private readonly byte[] key;
    private readonly byte[] id;

    private VerifierKey(string name, byte kind, byte[] key)
    {
        (Name, this.kind, this.key) = (name, kind, key);
        id = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', kind, .. key])[..IdBytes];
    }

    /// <summary>Whose key it is: of a log, its origin.</summary>
    public string Name { get; }

    /// <summary>Whether it is a witness's, whose signatures bear a time.</summary>
    public bool IsWitness => kind == WitnessKind;

    /// <summary>The key that is written so; null when it is none of a log or a witness, or its id is another's.</summary>
    public static VerifierKey? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Trim().Split('+', 3);
        if (parts.Length != 3 || parts[0].Length == 0 || Base64.Read(parts[2]) is not { Length: KeyBytes + 1 } raw
            || raw[0] is not (LogKind or WitnessKind))
            return null;
        var read = new VerifierKey(parts[0], raw[0], raw[1..]);
        return parts[1] == Convert.ToHexStringLower(read.id) ? read : null;
    }

    /// <summary>Whether a note bears a good signature of this key.</summary>
    /// <param name="signedAt">Of a witness's: when it signed.</param>
    public bool HasSigned(Note note, out DateTimeOffset? signedAt)
    {
        ArgumentNullException.ThrowIfNull(note);
        signedAt = null;
        foreach (var signature in note.Signatures.Where(one => one.Name == Name && one.Raw.AsSpan().StartsWith(id)))
        {
            var raw = signature.Raw.AsSpan(IdBytes);
            if (!IsWitness && Ed25519.Verify(key, Encoding.UTF8.GetBytes(note.Text), raw))
                return true;
            if (!IsWitness || raw.Length != TimeBytes + SignatureBytes)
                continue;
            var at = BinaryPrimitives.ReadInt64BigEndian(raw);
            var said = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {at}\n{note.Text}"));
            if (at < 0 || at > DateTimeOffset.MaxValue.ToUnixTimeSeconds() || !Ed25519.Verify(key, said, raw[TimeBytes..]))
                continue;
            signedAt = DateTimeOffset.FromUnixTimeSeconds(at);
            return true;
        }

        return false;
    }
}

/// <summary>A text and who signed it (c2sp.org/signed-note).</summary>
/// <param name="Text">What was signed, its last newline included.</param>
public sealed record Note(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Null when it is no note.</summary>
    public static Note? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var end = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || end + 2 == text.Length || !text.EndsWith('\n'))
            return null;
        var signatures = new List<NoteSignature>();
        foreach (var line in text[(end + 2)..^1].Split('\n'))
        {
            var parts = line.Split(' ');
            if (parts is not ["—", { Length: > 0 } name, var base64] || Base64.Read(base64) is not { Length: > 4 } raw)
                return null;
            signatures.Add(new NoteSignature(name, raw));
        }

        return new Note(text[..(end + 1)], signatures);
    }
}

/// <summary>One signature.</summary>
/// <param name="Name">Whose it is said to be.</param>
/// <param name="Raw">Four bytes that name the key, and the signature.</param>
public sealed record NoteSignature(string Name, byte[] Raw);

/// <summary>What a log said of itself (c2sp.org/tlog-checkpoint). That it said so is another question: <see cref="VerifierKey"/>.</summary>
public sealed record Checkpoint(string Origin, long Size, byte[] Root, Note Note)
{
    /// <summary>Null when it is no checkpoint.</summary>
    public static Checkpoint? Read(string text)
    {
        if (Note.Read(text) is not { } note)
            return null;
        var lines = note.Text.Split('\n');
        return lines.Length >= 4 && lines[0].Length > 0 && lines[..^1].All(line => line.Length > 0)
            && Decimal(lines[1]) is { } size && Base64.Read(lines[2]) is { Length: 32 } root
            ? new Checkpoint(lines[0], size, root, note)
            : null;
    }

    /// <summary>A whole number without a sign or leading zeros; null when it is none.</summary>
    internal static long? Decimal(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && text == number.ToString(CultureInfo.InvariantCulture)
            ? number
            : null;
}

internal static class Base64
{
    // One way of writing alone: what differs in the bits that nobody reads is not the same proof.
    public static byte[]? Read(string text)
    {
        var raw = new byte[text.Length];
        return Convert.TryFromBase64String(text, raw, out var length) && Convert.ToBase64String(raw, 0, length) == text
            ? raw[..length]
            : null;
    }
}
