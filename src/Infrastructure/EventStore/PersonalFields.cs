using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// What stands in the public event in place of a personal value: a commitment that only who has the value and the
/// event's salt can open, and that says nothing once the salt is gone.
/// </summary>
internal static class PersonalFields
{
    /// <summary>Bytes of an event's salt, and of each field's salt that is derived from it.</summary>
    public const int SaltBytes = 32;

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

    /// <summary>Values by path, as the private row keeps them. Encryption belongs here and in <see cref="Open"/>, nowhere else.</summary>
    public static byte[] Seal(Dictionary<string, string> values) => JsonSerializer.SerializeToUtf8Bytes(values);

    /// <summary>The reverse of <see cref="Seal"/>.</summary>
    public static Dictionary<string, string> Open(byte[] fields) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(fields) ?? [];
}
