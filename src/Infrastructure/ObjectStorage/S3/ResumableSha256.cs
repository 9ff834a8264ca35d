using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// SHA-256 whose work can be put down and taken up by another process: .NET's own cannot, and reading a whole object again
/// to seal it would take longer than clients wait. By the system's OpenSSL, which .NET itself uses, and whose state is
/// plain: eight words, a length, and the bytes of an unfinished block.
/// </summary>
internal sealed partial class ResumableSha256
{
    /// <summary>The size of a <see cref="State"/>: what <c>SHA256_CTX</c> of openssl/sha.h takes, on all machines alike.</summary>
    public const int StateBytes = 112;

    private const string Library = "libcrypto.so.3";

    private readonly byte[] state;

    public ResumableSha256()
    {
        state = new byte[StateBytes];
        Check(Begin(state));
    }

    /// <summary>Goes on where another stopped.</summary>
    public ResumableSha256(ReadOnlySpan<byte> from) => state = from.Length == StateBytes
        ? from.ToArray()
        : throw new ArgumentException("This is not the state of a digest.", nameof(from));

    /// <summary>What it takes to go on. Holds up to 63 bytes of the content.</summary>
    public byte[] State => [.. state];

    public void Append(ReadOnlySpan<byte> bytes) => Check(Update(state, bytes, (nuint)bytes.Length));

    /// <summary>Lower-case hex over all that was appended; more may follow.</summary>
    public string Hex()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Check(End(digest, State));
        return Convert.ToHexStringLower(digest);
    }

    private static void Check(int isDone)
    {
        if (isDone != 1)
            throw new CryptographicException("libcrypto could not digest.");
    }

    [LibraryImport(Library, EntryPoint = "SHA256_Init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Begin(Span<byte> state);

    [LibraryImport(Library, EntryPoint = "SHA256_Update")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Update(Span<byte> state, ReadOnlySpan<byte> bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "SHA256_Final")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int End(Span<byte> digest, Span<byte> state);
}
