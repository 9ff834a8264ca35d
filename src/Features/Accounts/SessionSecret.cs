using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Features.Accounts;

/// <summary>The random part of what a client holds. The log and the views know its digest only.</summary>
internal static class SessionSecret
{
    /// <summary>256 random bits in the URL's alphabet.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Digest(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>A digest in the URL's alphabet, a third shorter: 43 characters.</summary>
    public static string Shorten(string digest) => Base64Url.EncodeToString(Convert.FromHexString(digest));
}

/// <summary>
/// A refresh token. The family's secret stays through all exchanges: with it, a spent token proves that it was copied;
/// without it, nobody can end a session by guessing.
/// </summary>
internal sealed record RefreshToken(SessionId Session, string Family, string Secret)
{
    public static RefreshToken New(SessionId session) => new(session, SessionSecret.New(), SessionSecret.New());

    /// <summary>Null when it cannot be one.</summary>
    public static RefreshToken? Parse(string text) =>
        text.Split('.') is [var id, { Length: > 0 } family, { Length: > 0 } secret] && Guid.TryParseExact(id, "D", out var session)
            ? new RefreshToken(new SessionId(session), family, secret)
            : null;

    /// <summary>The token that follows this one.</summary>
    public RefreshToken Next() => this with { Secret = SessionSecret.New() };

    public override string ToString() => $"{Session}.{Family}.{Secret}";
}

/// <summary>A web session's cookie: <c>&lt;session id&gt;.&lt;secret&gt;</c>.</summary>
internal sealed record CookieValue(SessionId Session, string Secret)
{
    public static CookieValue New(SessionId session) => new(session, SessionSecret.New());

    /// <summary>Null when it cannot be one.</summary>
    public static CookieValue? Parse(string text) =>
        text.Split('.') is [var id, { Length: > 0 and <= 128 } secret] && Guid.TryParseExact(id, "D", out var session)
            ? new CookieValue(new SessionId(session), secret)
            : null;

    public override string ToString() => $"{Session}.{Secret}";
}
