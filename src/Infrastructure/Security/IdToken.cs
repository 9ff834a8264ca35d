using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// A provider's token about a person (OpenID Connect Core, 2 and 3.1.3.7). Signed with RS256 or ES256 by a key that the
/// provider publishes; whatever else a token says about how it wants to be verified is not obeyed.
/// </summary>
internal static class IdToken
{
    private const int MaxLength = 16_384;
    private const int RsaMinBits = 2048;
    private const long SkewSeconds = 60;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Which key a token names; null when it cannot be a token.</summary>
    public static string? KeyId(string token)
    {
        using var head = Part(token, 0);
        return head is null ? null : Text(head.RootElement, "kid") ?? "";
    }

    /// <summary>Whom the token is about, when it is good; else null.</summary>
    /// <param name="keys">The provider's key set (RFC 7517).</param>
    public static ProvedIdentity? Verify(string token, JsonElement keys, string issuer, string client, string nonce, DateTimeOffset now)
    {
        using var head = Part(token, 0);
        using var claims = Part(token, 1);
        if (head is null || claims is null || !IsSigned(token, head.RootElement, keys))
            return null;
        var (said, seconds) = (claims.RootElement, now.ToUnixTimeSeconds());
        return Text(said, "iss") == issuer
            && IsFor(said, client)
            && Text(said, "nonce") == nonce
            && Seconds(said, "exp") is { } exp && seconds < exp + SkewSeconds
            && Seconds(said, "iat") is { } iat && iat <= seconds + SkewSeconds
            && Text(said, "sub") is { Length: > 0 and <= 255 } subject
                ? new ProvedIdentity(
                    issuer, subject, Text(said, "email"),
                    said.TryGetProperty("email_verified", out var proved) && proved.ValueKind == JsonValueKind.True, Text(said, "name"))
                : null;
    }

    // For this client alone, or for several and handed to this one.
    private static bool IsFor(JsonElement said, string client) =>
        said.TryGetProperty("aud", out var audience) && audience.ValueKind switch
        {
            JsonValueKind.String => audience.GetString() == client,
            JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == client)
                && (audience.GetArrayLength() == 1 || Text(said, "azp") == client),
            _ => false,
        };

    private static bool IsSigned(string token, JsonElement head, JsonElement keys)
    {
        var algorithm = Text(head, "alg");
        if (head.TryGetProperty("crit", out _) || !keys.TryGetProperty("keys", out var all) || all.ValueKind != JsonValueKind.Array)
            return false;
        var kid = Text(head, "kid");
        var last = token.LastIndexOf('.');
        var (signed, signature) = (Encoding.ASCII.GetBytes(token[..last]), Decoded(token[(last + 1)..]));
        // The key says of what kind it is, and the token only which of them.
        return signature is { Length: > 0 } && all.EnumerateArray().Any(key =>
            (kid is null || Text(key, "kid") == kid) && Text(key, "use") is null or "sig"
            && (algorithm, Text(key, "kty")) switch
            {
                ("RS256", "RSA") => IsSignedByRsa(key, signed, signature),
                ("ES256", "EC") when Text(key, "crv") == "P-256" => IsSignedByEc(key, signed, signature),
                _ => false,
            });
    }

    private static bool IsSignedByRsa(JsonElement key, byte[] signed, byte[] signature)
    {
        if (Decoded(Text(key, "n") ?? "") is not { } modulus || Decoded(Text(key, "e") ?? "") is not { } exponent)
            return false;
        try
        {
            using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
            return rsa.KeySize >= RsaMinBits && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool IsSignedByEc(JsonElement key, byte[] signed, byte[] signature)
    {
        if (signature.Length != SigningKey.SignatureBytes || Decoded(Text(key, "x") ?? "") is not { } x || Decoded(Text(key, "y") ?? "") is not { } y)
            return false;
        try
        {
            using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return ec.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static JsonDocument? Part(string token, int which)
    {
        if (token.Length > MaxLength || token.Split('.') is not { Length: 3 } parts || Decoded(parts[which]) is not { } bytes)
            return null;
        try
        {
            var json = JsonDocument.Parse(bytes, Strict);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
            ? seconds
            : null;

    private static byte[]? Decoded(string part)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return bytes.Length > 0 ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
