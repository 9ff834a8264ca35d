using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class IdTokenTests : IDisposable
{
    private const string Issuer = "https://id.example.org";
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly RSA rsa = RSA.Create(2048);
    private readonly RSA small = RSA.Create(1024);
    private readonly ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JsonElement keys;

    public IdTokenTests()
    {
        var (point, modulus, weak) = (ec.ExportParameters(false), rsa.ExportParameters(false), small.ExportParameters(false));
        keys = JsonSerializer.SerializeToElement(new
        {
            keys = new object[]
            {
                new { kty = "RSA", kid = "r", use = "sig", n = Base64Url.EncodeToString(modulus.Modulus), e = Base64Url.EncodeToString(modulus.Exponent) },
                new { kty = "RSA", kid = "small", n = Base64Url.EncodeToString(weak.Modulus), e = Base64Url.EncodeToString(weak.Exponent) },
                new { kty = "RSA", kid = "enc", use = "enc", n = Base64Url.EncodeToString(modulus.Modulus), e = Base64Url.EncodeToString(modulus.Exponent) },
                new { kty = "EC", kid = "e", crv = "P-256", x = Base64Url.EncodeToString(point.Q.X), y = Base64Url.EncodeToString(point.Q.Y) },
            },
        });
    }

    public void Dispose()
    {
        rsa.Dispose();
        small.Dispose();
        ec.Dispose();
    }

    [Fact]
    public void A_good_token_tells_whom_it_is_about()
    {
        Assert.Equal(new ProvedIdentity(Issuer, "olga", "olga@example.org", true, "Olga"), Verify(Signed("RS256", "r", Claims())));
        Assert.NotNull(Verify(Signed("ES256", "e", Claims())));
        Assert.NotNull(Verify(Signed("RS256", null, Claims())));
        Assert.NotNull(Verify(Signed("RS256", "r", Claims(("aud", new JsonArray("eventfiles", "other")), ("azp", "eventfiles")))));
    }

    [Fact]
    public void A_token_that_is_not_for_this_errand_is_none()
    {
        (string, JsonNode?)[][] wrong =
        [
            [("iss", "https://other.example.org")], [("aud", "other")], [("aud", new JsonArray("eventfiles", "other"))], [("aud", null)],
            [("nonce", "another")], [("nonce", null)], [("exp", Noon.AddMinutes(-2).ToUnixTimeSeconds())], [("exp", null)],
            [("iat", Noon.AddMinutes(2).ToUnixTimeSeconds())], [("sub", "")], [("sub", null)],
        ];
        Assert.All(wrong, claims => Assert.Null(Verify(Signed("RS256", "r", Claims(claims)))));
        Assert.False(Verify(Signed("RS256", "r", Claims(("email_verified", "true"))))!.IsEmailVerified);
    }

    [Fact]
    public void How_a_token_wants_to_be_verified_is_not_obeyed()
    {
        var good = Signed("RS256", "r", Claims());
        var parts = good.Split('.');
        Assert.Null(Verify($"{parts[0]}.{parts[1]}."));
        foreach (var algorithm in new[] { "none", "None", "HS256", "RS512", "ES256" })
            Assert.Null(Verify($"{Encoded(new { alg = algorithm, kid = "r" })}.{parts[1]}.{parts[2]}"));
        Assert.Null(Verify(Signed("RS256", "e", Claims())));
        Assert.Null(Verify(Signed("RS256", "enc", Claims())));
        Assert.Null(Verify(Signed("RS256", "small", Claims(), small)));
        using var other = RSA.Create(2048);
        Assert.Null(Verify(Signed("RS256", "r", Claims(), other)));
        Assert.Null(Verify($"{parts[0]}.{Encoded(JsonNode.Parse(Claims().ToJsonString().Replace("olga", "ada", StringComparison.Ordinal))!)}.{parts[2]}"));
        // The modulus as the secret of an HMAC.
        var head = Encoded(new { alg = "HS256", kid = "r" });
        var mac = HMACSHA256.HashData(rsa.ExportParameters(false).Modulus!, Encoding.ASCII.GetBytes($"{head}.{parts[1]}"));
        Assert.Null(Verify($"{head}.{parts[1]}.{Base64Url.EncodeToString(mac)}"));
        Assert.All(new[] { "", ".", "..", "a.b.c", new string('a', 20_000), good + ".x" }, bad => Assert.Null(Verify(bad)));
    }

    private ProvedIdentity? Verify(string token) => IdToken.Verify(token, keys, Issuer, "eventfiles", "nonce", Noon);

    private static JsonObject Claims(params (string Name, JsonNode? Value)[] otherwise)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = "eventfiles",
            ["sub"] = "olga",
            ["nonce"] = "nonce",
            ["email"] = "olga@example.org",
            ["email_verified"] = true,
            ["name"] = "Olga",
            ["iat"] = Noon.ToUnixTimeSeconds(),
            ["exp"] = Noon.AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in otherwise)
            claims[name] = value?.DeepClone();
        return claims;
    }

    private string Signed(string algorithm, string? kid, JsonObject claims, RSA? by = null)
    {
        var text = $"{(kid is null ? Encoded(new { alg = algorithm }) : Encoded(new { alg = algorithm, kid }))}.{Encoded(claims)}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = algorithm == "ES256"
            ? ec.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : (by ?? rsa).SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encoded(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
