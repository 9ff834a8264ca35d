using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Witness;

/// <summary>The witness's own key: a file in its folder, made at the first start.</summary>
internal sealed partial class WitnessKey
{
    private const byte Kind = 4;
    private const int SeedBytes = 32;
    private const int SignatureBytes = 64;
    private const int Ed25519 = 1087; // EVP_PKEY_ED25519
    private const string Library = "libcrypto.so.3";

    private readonly string name;
    private readonly byte[] seed;
    private readonly byte[] publicKey = new byte[SeedBytes];
    private readonly byte[] id;

    private WitnessKey(string name, byte[] seed)
    {
        (this.name, this.seed) = (name, seed);
        nuint length = SeedBytes;
        var key = EVP_PKEY_new_raw_private_key(Ed25519, 0, seed, SeedBytes);
        var isMade = key != 0 && EVP_PKEY_get_raw_public_key(key, publicKey, ref length) == 1;
        EVP_PKEY_free(key);
        if (!isMade)
            throw new CryptographicException("libcrypto does not take this key.");
        id = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Kind, .. publicKey])[..4];
    }

    public string VerifierKey => $"{name}+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String([Kind, .. publicKey])}";

    public static WitnessKey In(string folder, string name)
    {
        var path = Path.Combine(folder, "witness.key");
        if (!File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SeedBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        var kept = new byte[SeedBytes + 1];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), kept, out var length) && length == SeedBytes
            ? new WitnessKey(name, kept[..length])
            : throw new InvalidOperationException($"{path} is not a witness's key.");
    }

    /// <summary>A line with a signature over a note's text and the time (c2sp.org/tlog-cosignature).</summary>
    public string Cosign(string text, DateTimeOffset now)
    {
        var at = now.ToUnixTimeSeconds();
        var time = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, at);
        var signature = Sign(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {at}\n{text}")));
        return $"— {name} {Convert.ToBase64String([.. id, .. time, .. signature])}\n";
    }

    private byte[] Sign(byte[] message)
    {
        var signature = new byte[SignatureBytes];
        nuint length = SignatureBytes;
        var key = EVP_PKEY_new_raw_private_key(Ed25519, 0, seed, SeedBytes);
        var context = EVP_MD_CTX_new();
        var isSigned = EVP_DigestSignInit(context, 0, 0, 0, key) == 1
            && EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length) == 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return isSigned ? signature : throw new CryptographicException("libcrypto could not sign.");
    }

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(nint key, Span<byte> made, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(nint context, nint made, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(
        nint context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);
}
