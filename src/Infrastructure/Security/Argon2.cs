using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Argon2id from the system's libargon2, in the encoded form <c>$argon2id$v=19$m=…,t=…,p=…$salt$hash</c>.
/// </summary>
internal static partial class Argon2
{
    // What OWASP asks for at least: 19 MiB, two passes, one lane. About 40 ms on one core.
    private const uint MemoryKiB = 19 * 1024;
    private const uint Passes = 2;
    private const uint Lanes = 1;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int Match = 0;
    private const int Mismatch = -35;
    private const string Library = "libargon2.so.1";

    /// <summary>How the hashes made here begin; one that does not is of an older kind or strength.</summary>
    public const string Prefix = "$argon2id$v=19$m=19456,t=2,p=1$";

    /// <summary>Fails at once, and says what is missing, on a machine without the library.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static void Require()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            throw new DllNotFoundException(
                $"Passwords are hashed by {Library}, which is not on this machine. Install the Debian package libargon2-1.");
        }
    }

    public static string Hash(string password)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var encoded = new byte[128];
        try
        {
            var result = argon2id_hash_encoded(
                Passes, MemoryKiB, Lanes, secret, (nuint)secret.Length, salt, SaltBytes, HashBytes, encoded, (nuint)encoded.Length);
            if (result != Match)
                throw new CryptographicException($"libargon2 could not hash: error {result}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        return Encoding.ASCII.GetString(encoded.AsSpan(0, encoded.AsSpan().IndexOf((byte)0)));
    }

    /// <summary>Whether the hash was made from this password, with whatever strength it names.</summary>
    /// <exception cref="CryptographicException">The hash is broken, or memory is short: neither means a wrong password.</exception>
    public static bool Verify(string encoded, string password)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        try
        {
            return argon2id_verify(Encoding.ASCII.GetBytes(encoded + '\0'), secret, (nuint)secret.Length) switch
            {
                Match => true,
                Mismatch => false,
                var error => throw new CryptographicException($"libargon2 could not verify: error {error}."),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>A well-formed hash of nothing: to check a password against it takes as long as against any other.</summary>
    public static string Decoy() =>
        Prefix + Unpadded(RandomNumberGenerator.GetBytes(SaltBytes)) + '$' + Unpadded(RandomNumberGenerator.GetBytes(HashBytes));

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    [LibraryImport(Library)]
    private static partial int argon2id_hash_encoded(
        uint passes, uint memoryKiB, uint lanes, ReadOnlySpan<byte> password, nuint passwordBytes, ReadOnlySpan<byte> salt,
        nuint saltBytes, nuint hashBytes, Span<byte> encoded, nuint encodedBytes);

    [LibraryImport(Library)]
    private static partial int argon2id_verify(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> password, nuint passwordBytes);
}
