using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Encryption;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// What stands in the public event in place of a personal value: a commitment that only who has the value and the
/// event's salt can open, and that says nothing once the salt is gone. And what stands in the private row.
/// </summary>
internal static class PersonalFields
{
    /// <summary>Bytes of an event's salt, and of each field's salt that is derived from it.</summary>
    public const int SaltBytes = 32;

    private const int IdBytes = 16;

    // No JSON begins so.
    private const byte Sealed = 1;

    private static ReadOnlySpan<byte> Tag => "eventfiles/personal/v1"u8;

    /// <summary>
    /// base64url(SHA-256(tag ‖ 0 ‖ event id, 16 bytes in network order ‖ path ‖ 0 ‖ field salt ‖ value)), texts in UTF-8,
    /// where the field salt is HMAC-SHA256(event salt, path): one field can be opened without the others.
    /// </summary>
    /// <param name="path">The field's JSON pointer in the event's data: <c>/name</c>.</param>
    public static string Commitment(Guid eventId, string path, ReadOnlySpan<byte> eventSalt, string value)
    {
        var pathBytes = Encoding.UTF8.GetBytes(path);
        Span<byte> id = stackalloc byte[16];
        eventId.TryWriteBytes(id, bigEndian: true, out _);
        Span<byte> salt = stackalloc byte[SaltBytes];
        HMACSHA256.HashData(eventSalt, pathBytes, salt);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Tag);
        hash.AppendData([0]);
        hash.AppendData(id);
        hash.AppendData(pathBytes);
        hash.AppendData([0]);
        hash.AppendData(salt);
        hash.AppendData(Encoding.UTF8.GetBytes(value));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return Base64Url.EncodeToString(digest);
    }

    /// <summary>
    /// Values by path, as a private row keeps them. Sealed: one byte for the format, the key's id, then nonce, ciphertext and
    /// tag of AES-256-GCM over salt and values, bound to the event and the key. A row that is not sealed is JSON.
    /// </summary>
    /// <returns>What stands in the columns: a sealed row's salt is within.</returns>
    public static (byte[] Salt, byte[] Fields) Seal(Dictionary<string, string> values, byte[] salt, Guid eventId, PrivateKey? key)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(values);
        return key is null
            ? (salt, plain)
            : ([], [Sealed, .. Network(key.Id), .. ObjectCipher.Sealed(key.Key, [.. salt, .. plain], Bound(eventId, key.Id))]);
    }

    /// <summary>The reverse of <see cref="Seal"/>; null when the row's key is destroyed.</summary>
    /// <param name="keys">All that <see cref="KeyOf"/> asked for and that there are.</param>
    /// <exception cref="CryptographicException">The row is another event's, or was altered, or its key was.</exception>
    public static PrivateRow? Open(byte[] salt, byte[] fields, Guid eventId, IReadOnlyDictionary<Guid, PrivateKey?> keys)
    {
        if (KeyOf(fields) is not { } id)
            return new PrivateRow(salt, fields);
        if (!keys.TryGetValue(id, out var key))
            return null;
        if (key is null)
            throw new CryptographicException($"The key {id} was altered: what it seals cannot be read.");
        var stored = fields.AsSpan(1 + IdBytes);
        var plain = new byte[stored.Length - SegmentFormat.OverheadBytes];
        ObjectCipher.Opened(key.Key, stored, plain, Bound(eventId, id));
        return new PrivateRow(plain[..SaltBytes], plain[SaltBytes..]);
    }

    /// <summary>Under which key a row is sealed; null when it is not.</summary>
    public static Guid? KeyOf(byte[] fields) =>
        fields is [Sealed, ..] && fields.Length >= 1 + IdBytes + SegmentFormat.OverheadBytes + SaltBytes
            ? new Guid(fields.AsSpan(1, IdBytes), bigEndian: true)
            : null;

    private static byte[] Bound(Guid eventId, Guid key) => [.. "eventfiles/private/1"u8, .. Network(eventId), .. Network(key)];

    private static byte[] Network(Guid id) => id.ToByteArray(bigEndian: true);
}

/// <summary>A private row that is open.</summary>
/// <param name="Fields">Values by path, as JSON.</param>
internal sealed record PrivateRow(byte[] Salt, byte[] Fields)
{
    public Dictionary<string, string> Values() => JsonSerializer.Deserialize<Dictionary<string, string>>(Fields) ?? [];
}
