using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.Security;

/// <summary>What a good access token says.</summary>
/// <param name="ExpiresAt">Seconds since 1970.</param>
internal sealed record VerifiedToken(AccountId Account, SessionId Session, long ExpiresAt);

/// <summary>
/// Access tokens: JWTs of one kind only (RFC 9068), signed with ES256. Whatever a token says about how it wants to be
/// verified is compared with what is expected, and never obeyed.
/// </summary>
internal sealed class Es256Tokens(TokenKeys keys, TimeProvider clock) : IAccessTokens
{
    /// <summary>Longer texts are refused unread.</summary>
    public const int MaxLength = 8192;

    public const string Issuer = "eventfiles";
    public const string Audience = "eventfiles";

    // Clocks of nodes differ. Never applied to the end of a token's life.
    private const long SkewSeconds = 5;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    private readonly VerifiedTokens verified = new();

    public string Issue(Caller caller, TimeSpan life)
    {
        var key = keys.Current;
        var now = clock.GetUtcNow();
        var head = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "at+jwt", kid = key.Id });
        var claims = JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = Issuer,
            aud = Audience,
            sub = caller.Account.Value,
            sid = caller.Session.Value,
            jti = Guid.CreateVersion7(now),
            iat = now.ToUnixTimeSeconds(),
            nbf = now.ToUnixTimeSeconds(),
            exp = (now + life).ToUnixTimeSeconds(),
        });
        var signed = $"{Base64Url.EncodeToString(head)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>What the token says, if it is one of ours and good now; else null. Asks nobody whether its session goes on.</summary>
    public VerifiedToken? Verify(string token)
    {
        if (token.Length > MaxLength)
            return null;

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var digest = TokenDigest.Of(token);
        if (verified.Find(digest) is { } known)
            return now < known.ExpiresAt ? known : null;

        var fresh = VerifyAnew(token, now);
        if (fresh is not null)
            verified.Keep(digest, fresh);
        return fresh;
    }

    private VerifiedToken? VerifyAnew(string token, long now)
    {
        if (token.Split('.') is not [var head, var claims, var signature]
            || Decoded(head) is not { } headBytes || Decoded(claims) is not { } claimBytes
            || Decoded(signature) is not { Length: SigningKey.SignatureBytes } signatureBytes)
            return null;
        try
        {
            return KeyNamedBy(headBytes) is { } key
                && key.Verify(Encoding.ASCII.GetBytes(token, 0, head.Length + 1 + claims.Length), signatureBytes)
                ? Read(claimBytes, now)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Anything but these three (jwk, jku, x5u, x5c, crit…) is an attempt to choose the key or the rules.
    private SigningKey? KeyNamedBy(byte[] head)
    {
        using var json = JsonDocument.Parse(head, Strict);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.GetPropertyCount() == 3
            && Text(json.RootElement, "alg") == "ES256"
            && Text(json.RootElement, "typ") == "at+jwt"
            && Text(json.RootElement, "kid") is { } id
                ? keys.Find(id)
                : null;
    }

    private static VerifiedToken? Read(byte[] claims, long now)
    {
        using var json = JsonDocument.Parse(claims, Strict);
        var said = json.RootElement;
        return said.ValueKind == JsonValueKind.Object
            && Text(said, "iss") == Issuer
            && Text(said, "aud") == Audience
            && Seconds(said, "exp") is { } exp && now < exp
            && Seconds(said, "nbf") is { } nbf && nbf <= now + SkewSeconds
            && Guid.TryParseExact(Text(said, "sub"), "D", out var account)
            && Guid.TryParseExact(Text(said, "sid"), "D", out var session)
                ? new VerifiedToken(new AccountId(account), new SessionId(session), exp)
                : null;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
            ? seconds
            : null;

    // The platform's decoder forgives white space and padding: one token would have many spellings.
    private static byte[]? Decoded(string part)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return bytes.Length > 0 && Base64Url.EncodeToString(bytes) == part ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
