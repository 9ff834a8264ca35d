using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// The fields <c>Content-Digest</c> and <c>Repr-Digest</c> of RFC 9530: a dictionary of algorithms with byte sequences. What
/// is not known here is passed over, as the RFC has it; what is known must be right.
/// </summary>
internal static class DigestField
{
    private static readonly FrozenDictionary<string, HashAlgorithmName> Known = new Dictionary<string, HashAlgorithmName>(StringComparer.Ordinal)
    {
        ["sha-256"] = HashAlgorithmName.SHA256,
        ["sha-512"] = HashAlgorithmName.SHA512,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What a field says, as far as it is understood; nothing when it is not there.</summary>
    public static Answer<IReadOnlyList<ContentCheck>> Parse(StringValues field)
    {
        var checks = new Dictionary<HashAlgorithmName, ContentCheck>();
        foreach (var member in field.SelectMany(line => (line ?? "").Split(',')))
        {
            var text = member.Trim();
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                return No.BadDigest;
            var (name, value) = (text[..equals], Bytes(text[(equals + 1)..]));
            if (value is null)
                return No.BadDigest;
            if (!Known.TryGetValue(name, out var algorithm))
                continue;
            if (Hex(algorithm, value) is not { } digest)
                return No.BadDigest;
            checks[algorithm] = new ContentCheck(algorithm, digest, No.DigestMismatch); // RFC 9651: the last one counts
        }

        return new Answer<IReadOnlyList<ContentCheck>>.Yes([.. checks.Values]);
    }

    /// <summary>The SHA-256 that a field names, lower-case hex; null when it names none.</summary>
    public static Answer<string?> Sha256(StringValues field) => Parse(field).Map(checks =>
        checks.FirstOrDefault(check => check.Algorithm == HashAlgorithmName.SHA256)?.Digest);

    /// <summary>A digest in base64 as lower-case hex; null when it is none of that algorithm.</summary>
    public static string? Hex(HashAlgorithmName algorithm, string base64)
    {
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        return Convert.TryFromBase64String(base64, digest, out var length) && length == SizeOf(algorithm)
            ? Convert.ToHexStringLower(digest[..length])
            : null;
    }

    private static int SizeOf(HashAlgorithmName algorithm) => algorithm.Name switch
    {
        "MD5" => 16,
        "SHA1" => 20,
        "SHA256" => 32,
        "SHA384" => 48,
        _ => 64,
    };

    // A byte sequence stands between colons; parameters may follow it and mean nothing here.
    private static string? Bytes(string value)
    {
        var end = value.IndexOf(':', Math.Min(1, value.Length));
        return value.StartsWith(':') && end > 0 && (end == value.Length - 1 || value[end + 1] == ';') ? value[1..end] : null;
    }
}
