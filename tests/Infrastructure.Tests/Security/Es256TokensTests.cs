using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class Es256TokensTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private static readonly Caller Olga = new(
        new AccountId(Guid.Parse("00000000-0000-7000-8000-00000000000a")),
        new SessionId(Guid.Parse("00000000-0000-7000-8000-000000000001")),
        IsAdministrator: false);

    private readonly KeyFolder folder = new();
    private readonly ManualTime clock = new();
    private readonly FolderKeys keys;
    private readonly Es256Tokens tokens;

    public Es256TokensTests()
    {
        keys = folder.Open(clock);
        tokens = new Es256Tokens(keys, clock);
    }

    public void Dispose()
    {
        keys.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_token_tells_whose_it_is()
    {
        var said = tokens.Verify(tokens.Issue(Olga, Life))!;
        Assert.Equal((Olga.Account, Olga.Session), (said.Account, said.Session));
    }

    [Fact]
    public void What_the_attacks_are_made_from_is_a_good_token() => Assert.NotNull(tokens.Verify(Signed(Head(), Claims())));

    [Fact]
    public void A_token_ends_to_the_second_whether_or_not_it_was_seen_before()
    {
        var (seen, unseen) = (tokens.Issue(Olga, Life), tokens.Issue(Olga, Life));
        clock.Advance(Life - TimeSpan.FromSeconds(1));
        Assert.NotNull(tokens.Verify(seen));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(tokens.Verify(seen));
        Assert.Null(tokens.Verify(unseen));
    }

    [Fact]
    public void Tokens_of_a_former_key_stay_good()
    {
        var before = tokens.Issue(Olga, Life);
        keys.Rotate();
        Assert.NotNull(tokens.Verify(before));
        Assert.NotNull(tokens.Verify(tokens.Issue(Olga, Life)));
    }

    [Fact]
    public void The_header_names_the_key_and_the_kind()
    {
        var head = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(tokens.Issue(Olga, Life).Split('.')[0]));
        Assert.Equal($$"""{"alg":"ES256","typ":"at\u002Bjwt","kid":"{{keys.Current.Id}}"}""", head);
    }

    [Fact]
    public void However_many_tokens_come_memory_is_bounded()
    {
        var kept = new VerifiedTokens(perGeneration: 10);
        var token = new VerifiedToken(Olga.Account, Olga.Session, 0);
        for (var number = 0; number < 1000; number++)
            kept.Keep(TokenDigest.Of(number.ToString(CultureInfo.InvariantCulture)), token);
        Assert.InRange(Enumerable.Range(0, 1000).Count(number => kept.Find(TokenDigest.Of(number.ToString(CultureInfo.InvariantCulture))) is not null), 1, 20);
    }

    [Theory]
    [InlineData("no token")]
    [InlineData("two parts")]
    [InlineData("four parts")]
    [InlineData("only dots")]
    [InlineData("alg none without signature")]
    [InlineData("alg None with signature")]
    [InlineData("alg NONE with signature")]
    [InlineData("alg nOnE with signature")]
    [InlineData("alg empty")]
    [InlineData("alg missing")]
    [InlineData("alg a list")]
    [InlineData("alg es256")]
    [InlineData("alg ES384")]
    [InlineData("alg HS256 keyed with the public key's PEM")]
    [InlineData("alg HS256 keyed with the public key's DER")]
    [InlineData("alg RS256 signed by RSA")]
    [InlineData("typ missing")]
    [InlineData("typ of another kind")]
    [InlineData("typ of any token")]
    [InlineData("typ in another spelling")]
    [InlineData("kid missing")]
    [InlineData("kid unknown")]
    [InlineData("kid a path")]
    [InlineData("kid an injection")]
    [InlineData("kid a number")]
    [InlineData("another's key under our kid")]
    [InlineData("jwk embedded")]
    [InlineData("jku elsewhere")]
    [InlineData("x5u elsewhere")]
    [InlineData("x5c embedded")]
    [InlineData("crit")]
    [InlineData("b64 false")]
    [InlineData("alg twice")]
    [InlineData("kid twice")]
    [InlineData("sub twice")]
    [InlineData("exp twice")]
    [InlineData("signature empty")]
    [InlineData("signature all zeros")]
    [InlineData("signature r zero")]
    [InlineData("signature s zero")]
    [InlineData("signature r and s the group's order")]
    [InlineData("signature in DER")]
    [InlineData("signature cut")]
    [InlineData("signature longer")]
    [InlineData("signature of other claims")]
    [InlineData("one bit of the claims")]
    [InlineData("one bit of the signature")]
    [InlineData("padding")]
    [InlineData("white space inside")]
    [InlineData("line break at the end")]
    [InlineData("loose last bits")]
    [InlineData("standard base64")]
    [InlineData("iss another")]
    [InlineData("iss missing")]
    [InlineData("aud another")]
    [InlineData("aud a list")]
    [InlineData("aud missing")]
    [InlineData("exp passed")]
    [InlineData("exp now")]
    [InlineData("exp missing")]
    [InlineData("exp a text")]
    [InlineData("exp not a whole number")]
    [InlineData("exp beyond numbers")]
    [InlineData("nbf to come")]
    [InlineData("nbf missing")]
    [InlineData("sub missing")]
    [InlineData("sub no id")]
    [InlineData("sub in braces")]
    [InlineData("sid missing")]
    [InlineData("claims a list")]
    [InlineData("claims no JSON")]
    [InlineData("claims deep")]
    [InlineData("claims with a comment")]
    [InlineData("head a list")]
    [InlineData("head not UTF-8")]
    [InlineData("nine kilobytes")]
    [InlineData("a megabyte")]
    [InlineData("encrypted")]
    public void Nobody_is_let_in_by(string attack)
    {
        var forged = Forge(attack);
        Assert.Null(tokens.Verify(forged));
        Assert.Null(tokens.Verify(forged));
    }

    private string Forge(string attack)
    {
        var good = Signed(Head(), Claims());
        var (head, claims, signature) = (good.Split('.')[0], good.Split('.')[1], good.Split('.')[2]);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return attack switch
        {
            "no token" => "",
            "two parts" => $"{head}.{claims}",
            "four parts" => $"{good}.{signature}",
            "only dots" => "..",
            "alg none without signature" => $"{Encoded(Head("none"))}.{claims}.",
            "alg None with signature" => Signed(Head("None"), Claims()),
            "alg NONE with signature" => Signed(Head("NONE"), Claims()),
            "alg nOnE with signature" => Signed(Head("nOnE"), Claims()),
            "alg empty" => Signed(Head(""), Claims()),
            "alg missing" => Signed($$"""{"typ":"at+jwt","kid":"{{keys.Current.Id}}"}""", Claims()),
            "alg a list" => Signed($$"""{"alg":["ES256"],"typ":"at+jwt","kid":"{{keys.Current.Id}}"}""", Claims()),
            "alg es256" => Signed(Head("es256"), Claims()),
            "alg ES384" => Signed(Head("ES384"), Claims()),
            "alg HS256 keyed with the public key's PEM" => Hashed(Encoding.ASCII.GetBytes(PublicKey().ExportSubjectPublicKeyInfoPem())),
            "alg HS256 keyed with the public key's DER" => Hashed(PublicKey().ExportSubjectPublicKeyInfo()),
            "alg RS256 signed by RSA" => ByRsa(),
            "typ missing" => Signed($$"""{"alg":"ES256","kid":"{{keys.Current.Id}}"}""", Claims()),
            "typ of another kind" => Signed(Head(typ: "refresh+jwt"), Claims()),
            "typ of any token" => Signed(Head(typ: "JWT"), Claims()),
            "typ in another spelling" => Signed(Head(typ: "AT+JWT"), Claims()),
            "kid missing" => Signed("""{"alg":"ES256","typ":"at+jwt"}""", Claims()),
            "kid unknown" => Signed(Head(kid: "unknown"), Claims()),
            "kid a path" => Signed(Head(kid: "../../../../dev/null"), Claims()),
            "kid an injection" => Signed(Head(kid: "x' or '1'='1"), Claims()),
            "kid a number" => Signed("""{"alg":"ES256","typ":"at+jwt","kid":0}""", Claims()),
            "another's key under our kid" => ByAnother(Head()),
            "jwk embedded" => ByAnother(Head(more: ""","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""")),
            "jku elsewhere" => Signed(Head(more: ""","jku":"https://evil.example/jwks.json" """), Claims()),
            "x5u elsewhere" => Signed(Head(more: ""","x5u":"https://evil.example/cert.pem" """), Claims()),
            "x5c embedded" => Signed(Head(more: ""","x5c":["MIIB"]"""), Claims()),
            "crit" => Signed(Head(more: ""","crit":["exp"]"""), Claims()),
            "b64 false" => Signed(Head(more: ""","b64":false"""), Claims()),
            "alg twice" => Signed(Head(more: ""","alg":"ES256" """), Claims()),
            "kid twice" => Signed($$"""{"alg":"ES256","kid":"x","kid":"{{keys.Current.Id}}"}""", Claims()),
            "sub twice" => Signed(Head(), Claims(more: $",\"sub\":\"{Guid.Empty}\"")),
            "exp twice" => Signed(Head(), Claims(more: ",\"exp\":9999999999")),
            "signature empty" => $"{head}.{claims}.",
            "signature all zeros" => $"{head}.{claims}.{Base64Url.EncodeToString(new byte[64])}",
            "signature r zero" => $"{head}.{claims}.{Base64Url.EncodeToString([.. new byte[32], .. Base64Url.DecodeFromChars(signature).AsSpan(32)])}",
            "signature s zero" => $"{head}.{claims}.{Base64Url.EncodeToString([.. Base64Url.DecodeFromChars(signature).AsSpan(0, 32), .. new byte[32]])}",
            "signature r and s the group's order" => $"{head}.{claims}.{Base64Url.EncodeToString([.. Order, .. Order])}",
            "signature in DER" => $"{head}.{claims}.{Base64Url.EncodeToString(InDer(head, claims))}",
            "signature cut" => $"{head}.{claims}.{Base64Url.EncodeToString(Base64Url.DecodeFromChars(signature).AsSpan(0, 63))}",
            "signature longer" => $"{head}.{claims}.{Base64Url.EncodeToString([.. Base64Url.DecodeFromChars(signature), 0])}",
            "signature of other claims" => $"{head}.{Encoded(Claims(more: ",\"x\":1"))}.{signature}",
            "one bit of the claims" => $"{head}.{Flipped(claims)}.{signature}",
            "one bit of the signature" => $"{head}.{claims}.{Flipped(signature)}",
            "padding" => good + "==",
            "white space inside" => good.Insert(head.Length - 2, " "),
            "line break at the end" => good + "\n",
            "loose last bits" => good[..^1] + (char)(good[^1] + 1),
            "standard base64" => good.Replace('-', '+').Replace('_', '/') is var other && other != good ? other : good + "+",
            "iss another" => Signed(Head(), Claims(iss: "\"someone\"")),
            "iss missing" => Signed(Head(), Claims(iss: null)),
            "aud another" => Signed(Head(), Claims(aud: "\"someone\"")),
            "aud a list" => Signed(Head(), Claims(aud: "[\"eventfiles\",\"someone\"]")),
            "aud missing" => Signed(Head(), Claims(aud: null)),
            "exp passed" => Signed(Head(), Claims(exp: $"{now - 1}")),
            "exp now" => Signed(Head(), Claims(exp: $"{now}")),
            "exp missing" => Signed(Head(), Claims(exp: null)),
            "exp a text" => Signed(Head(), Claims(exp: "\"9999999999\"")),
            "exp not a whole number" => Signed(Head(), Claims(exp: "9999999999.5")),
            "exp beyond numbers" => Signed(Head(), Claims(exp: "1e400")),
            "nbf to come" => Signed(Head(), Claims(nbf: $"{now + 60}")),
            "nbf missing" => Signed(Head(), Claims(nbf: null)),
            "sub missing" => Signed(Head(), Claims(sub: null)),
            "sub no id" => Signed(Head(), Claims(sub: "\"admin\"")),
            "sub in braces" => Signed(Head(), Claims(sub: "\"{00000000-0000-7000-8000-00000000000a}\"")),
            "sid missing" => Signed(Head(), Claims(sid: null)),
            "claims a list" => Signed(Head(), "[]"),
            "claims no JSON" => Signed(Head(), "nonsense"),
            "claims deep" => Signed(Head(), Claims(more: $",\"x\":{new string('[', 50)}{new string(']', 50)}")),
            "claims with a comment" => Signed(Head(), Claims(more: "/* x */")),
            "head a list" => Signed("[]", Claims()),
            "head not UTF-8" => $"{Base64Url.EncodeToString([0x7b, 0xff, 0xfe, 0x7d])}.{claims}.{signature}",
            "nine kilobytes" => Signed(Head(), Claims(more: $",\"x\":\"{new string('x', 9000)}\"")),
            "a megabyte" => Signed(Head(), Claims(more: $",\"x\":\"{new string('x', 1_000_000)}\"")),
            "encrypted" => $"{Encoded("""{"alg":"dir","enc":"A256GCM"}""")}..{signature}.{claims}.{signature}",
            _ => throw new ArgumentOutOfRangeException(nameof(attack), attack, "No such attack."),
        };
    }

    // The order of P-256: as r and s it is zero in disguise.
    private static readonly byte[] Order =
        Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private string Head(string alg = "ES256", string typ = "at+jwt", string? kid = null, string more = "") =>
        $"{{\"alg\":\"{alg}\",\"typ\":\"{typ}\",\"kid\":\"{kid ?? keys.Current.Id}\"{more}}}";

    private static string Claims(
        string? iss = "\"eventfiles\"", string? aud = "\"eventfiles\"", string? sub = "\"00000000-0000-7000-8000-00000000000a\"",
        string? sid = "\"00000000-0000-7000-8000-000000000001\"", string? exp = "9999999999", string? nbf = "1000000000",
        string more = "") =>
        "{" + string.Join(',', new[] { ("iss", iss), ("aud", aud), ("sub", sub), ("sid", sid), ("exp", exp), ("nbf", nbf) }
            .Where(claim => claim.Item2 is not null).Select(claim => $"\"{claim.Item1}\":{claim.Item2}")) + more + "}";

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private string Signed(string head, string claims) => Signed(head, claims, keys.Current.Sign);

    private static string Signed(string head, string claims, Signer sign)
    {
        var content = $"{Encoded(head)}.{Encoded(claims)}";
        return $"{content}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(content)))}";
    }

    private delegate byte[] Signer(ReadOnlySpan<byte> content);

    private string Hashed(byte[] key) => Signed(Head("HS256"), Claims(), content => HMACSHA256.HashData(key, content));

    private string ByRsa()
    {
        using var rsa = RSA.Create(2048);
        return Signed(Head("RS256"), Claims(), content => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string ByAnother(string head)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Signed(head, Claims(), content => other.SignData(content, HashAlgorithmName.SHA256));
    }

    private byte[] InDer(string head, string claims) =>
        Private().SignData(Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private ECDsa Private()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Assert.Single(Directory.GetFiles(folder.Path))));
        return key;
    }

    private ECDsa PublicKey() => Private();

    private static string Flipped(string part)
    {
        var bytes = Base64Url.DecodeFromChars(part);
        bytes[bytes.Length / 2] ^= 1;
        return Base64Url.EncodeToString(bytes);
    }
}
