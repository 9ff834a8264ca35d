using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Checks bcrypt hashes that came from elsewhere, by the system's libcrypt. None are made here. Bcrypt looks at the first
/// 72 bytes of a password only.
/// </summary>
internal static unsafe partial class Bcrypt
{
    public static bool IsHash(string hash) => hash.Length == 60 && hash.StartsWith("$2", StringComparison.Ordinal)
        && hash[2] is 'a' or 'b' or 'y' && hash[3] == '$';

    public static bool Verify(string hash, string password)
    {
        // The library takes a text that ends with a zero byte: "secret\0anything" would pass for "secret".
        if (password.Contains('\0', StringComparison.Ordinal))
            return false;

        var secret = Encoding.UTF8.GetBytes(password + '\0');
        var setting = Encoding.ASCII.GetBytes(hash + '\0');
        void* work = null;
        var workBytes = 0;
        try
        {
            fixed (byte* phrase = secret, with = setting)
            {
                var made = crypt_ra(phrase, with, &work, &workBytes);
                return made != null && CryptographicOperations.FixedTimeEquals(
                    MemoryMarshal.CreateReadOnlySpanFromNullTerminated(made), setting.AsSpan(0, setting.Length - 1));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            if (work != null)
            {
                NativeMemory.Clear(work, (nuint)workBytes);
                NativeMemory.Free(work);
            }
        }
    }

    // Allocates its work space with malloc, which NativeMemory frees; safe for any number of threads.
    [LibraryImport("libcrypt.so.1")]
    private static partial byte* crypt_ra(byte* phrase, byte* setting, void** work, int* workBytes);
}
