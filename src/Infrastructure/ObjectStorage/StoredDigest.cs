using System.Security.Cryptography;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>The SHA-256 of an object as a directory has it.</summary>
internal static class StoredDigest
{
    /// <summary>How the name of an encrypted object ends.</summary>
    public const string Encrypted = ".enc";

    /// <summary>
    /// Begins one; null for what is encrypted: nobody asks for it. Who encrypted it has the digest of the plain bytes, and each
    /// of its segments tells whether it is what was written.
    /// </summary>
    public static IncrementalHash? Of(ObjectKey key) =>
        IsWanted(key) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    public static bool IsWanted(ObjectKey key) => !key.Value.EndsWith(Encrypted, StringComparison.Ordinal);
}
