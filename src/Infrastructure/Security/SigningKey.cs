using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>One P-256 key pair. Safe for concurrent use.</summary>
internal sealed class SigningKey : IDisposable
{
    /// <summary>Bytes of a signature: two numbers of 32 bytes.</summary>
    public const int SignatureBytes = 64;

    // The order of P-256's group: FIPS 186-5 and SP 800-186, 3.2.1.3.
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // The platform does not promise that one instance serves several threads at once.
    private readonly ConcurrentBag<ECDsa> idle = [];
    private readonly ECParameters key;

    private SigningKey(ECParameters key)
    {
        this.key = key;
        X = Convert.ToBase64String(key.Q.X!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Y = Convert.ToBase64String(key.Q.Y!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Id = Thumbprint();
    }

    /// <summary>The key's RFC 7638 thumbprint: no two keys share it.</summary>
    public string Id { get; }

    /// <summary>The public point's coordinates, base64url.</summary>
    public string X { get; }

    public string Y { get; }

    /// <summary>The key that follows from a secret.</summary>
    public static SigningKey Of(SharedSecret secret)
    {
        // FIPS 186-5, A.2.1: with 64 bits more than the group's order has, the remainder favours no number.
        var seed = new BigInteger(secret.Derive("access tokens: P-256", 40), isUnsigned: true, isBigEndian: true);
        var scalar = (seed % (Order - 1)) + 1;
        var bytes = new byte[32];
        scalar.TryWriteBytes(bytes.AsSpan(32 - scalar.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        using var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = bytes });
        return new SigningKey(pair.ExportParameters(includePrivateParameters: true));
    }

    public static SigningKey Read(string path)
    {
        try
        {
            using var read = ECDsa.Create();
            read.ImportFromPem(File.ReadAllText(path));
            var pair = read.ExportParameters(includePrivateParameters: true);
            return pair.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? new SigningKey(pair)
                : throw new CryptographicException("The curve is another than P-256.");
        }
        catch (Exception failed) when (failed is CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"{path} is not a P-256 private key in PEM.", failed);
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> content)
    {
        var signer = Rent();
        var signature = signer.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(signer);
        return signature;
    }

    public bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        var verifier = Rent();
        var isGood = verifier.VerifyData(
            content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        idle.Add(verifier);
        return isGood;
    }

    public void Dispose()
    {
        while (idle.TryTake(out var instance))
            instance.Dispose();
    }

    private ECDsa Rent() => idle.TryTake(out var instance) ? instance : ECDsa.Create(key);

    private string Thumbprint() => System.Buffers.Text.Base64Url.EncodeToString(
        SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));
}
