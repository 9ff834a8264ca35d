using System.Security.Cryptography;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>The key of one person, which wraps the keys of that person's files. Not a record: it never prints itself.</summary>
internal sealed class SubjectKey(Guid id, byte[] key)
{
    /// <summary>In the headers of objects. Says nothing about the person.</summary>
    public Guid Id => id;

    public ReadOnlySpan<byte> Key => key;

    /// <summary>For what events tell of the person: another key, which follows from this one.</summary>
    public PrivateKey Private { get; } = new(id, HKDF.DeriveKey(
        HashAlgorithmName.SHA256, key, ObjectCipher.KeyBytes, id.ToByteArray(bigEndian: true), "eventfiles/private/1"u8.ToArray()));
}
