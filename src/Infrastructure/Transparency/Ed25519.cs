using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>Ed25519 (RFC 8032) from the system's libcrypto, which the platform has loaded anyway; it has no type for it.</summary>
internal static partial class Ed25519
{
    public const int SeedBytes = 32;
    public const int PublicKeyBytes = 32;
    public const int SignatureBytes = 64;

    private const int Kind = 1087; // EVP_PKEY_ED25519
    private const int Yes = 1;
    private const string Library = "libcrypto.so.3";

    public static byte[] PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        using var key = PrivateKey(seed);
        var made = new byte[PublicKeyBytes];
        nuint length = PublicKeyBytes;
        Check(EVP_PKEY_get_raw_public_key(key, made, ref length));
        return made;
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = PrivateKey(seed);
        using var context = EVP_MD_CTX_new();
        Check(EVP_DigestSignInit(context, 0, 0, 0, key));
        var signature = new byte[SignatureBytes];
        nuint length = SignatureBytes;
        Check(EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length));
        return signature;
    }

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyBytes || signature.Length != SignatureBytes)
            return false;
        using var key = EVP_PKEY_new_raw_public_key(Kind, 0, publicKey, PublicKeyBytes);
        if (key.IsInvalid)
            return false;
        using var context = EVP_MD_CTX_new();
        Check(EVP_DigestVerifyInit(context, 0, 0, 0, key));
        return EVP_DigestVerify(context, signature, SignatureBytes, message, (nuint)message.Length) == Yes;
    }

    private static KeyHandle PrivateKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedBytes)
            throw new CryptographicException("A seed has 32 bytes.");
        var key = EVP_PKEY_new_raw_private_key(Kind, 0, seed, SeedBytes);
        return key.IsInvalid ? throw new CryptographicException("libcrypto does not take this key.") : key;
    }

    private static void Check(int result)
    {
        if (result != Yes)
            throw new CryptographicException("libcrypto could not do it.");
    }

    internal sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    internal sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }

    [LibraryImport(Library)]
    private static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> made, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial ContextHandle EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(ContextHandle context, nint made, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(
        ContextHandle context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(ContextHandle context, nint made, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(
        ContextHandle context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);
}
