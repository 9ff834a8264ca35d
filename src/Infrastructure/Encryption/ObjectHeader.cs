using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>The beginning of an encrypted object: who can open it, and what shows that it was opened with the right key.</summary>
/// <param name="Subject">The id of the subject key that the file key is wrapped with.</param>
/// <param name="ObjectId">Random, anew at each writing: no two objects have one.</param>
/// <param name="Wrapped">The file key, wrapped: nonce, ciphertext, tag.</param>
/// <param name="Commitment">Follows from the file key and from no other (AES-GCM alone would open with several).</param>
internal sealed record ObjectHeader(Guid Subject, Guid ObjectId, byte[] Wrapped, byte[] Commitment)
{
    public const int Bytes = 144;
    public const int WrappedBytes = SegmentFormat.OverheadBytes + ObjectCipher.KeyBytes;
    public const int CommitmentBytes = 32;

    private const int SubjectAt = 12;
    private const int ObjectIdAt = SubjectAt + 16;
    private const int WrappedAt = ObjectIdAt + 16;
    private const int CommitmentAt = WrappedAt + WrappedBytes;
    private const int SumAt = CommitmentAt + CommitmentBytes;

    // No text begins so, and whoever turns line ends or the eighth bit alters it.
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'E', (byte)'F', (byte)'S', 0x0D, 0x0A, 0x1A, 0x0A];

    // Version 1; AES-256-GCM in segments of 64 KiB; nothing besides.
    private static ReadOnlySpan<byte> Format => [1, 1, 0, 0];

    /// <summary>What the wrapping of a file key is bound to, besides the object's own name.</summary>
    public static byte[] Context(Guid subject, Guid objectId, ObjectKey key)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(key.Value);
        var context = new byte[WrappedAt + name.Length];
        WriteContext(context, subject, objectId);
        name.CopyTo(context, WrappedAt);
        return context;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        WriteContext(bytes, Subject, ObjectId);
        Wrapped.CopyTo(bytes, WrappedAt);
        Commitment.CopyTo(bytes, CommitmentAt);
        Sum(bytes).CopyTo(bytes.AsSpan(SumAt));
        return bytes;
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="ObjectDamagedException">It is none, or not as it was written.</exception>
    public static ObjectHeader Read(ReadOnlySpan<byte> bytes, ObjectKey key)
    {
        // Without a key: so that a flipped bit is not taken for a key that was destroyed.
        if (bytes.Length != Bytes || !bytes[..8].SequenceEqual(Magic) || !Sum(bytes).SequenceEqual(bytes[SumAt..]))
            throw new ObjectDamagedException($"The header of {key} is not as it was written.");
        if (!bytes[8..SubjectAt].SequenceEqual(Format))
            throw new ObjectDamagedException($"{key} was encrypted by a newer program.");
        return new ObjectHeader(
            new Guid(bytes[SubjectAt..ObjectIdAt], bigEndian: true), new Guid(bytes[ObjectIdAt..WrappedAt], bigEndian: true),
            bytes[WrappedAt..CommitmentAt].ToArray(), bytes[CommitmentAt..SumAt].ToArray());
    }

    private static void WriteContext(Span<byte> to, Guid subject, Guid objectId)
    {
        Magic.CopyTo(to);
        Format.CopyTo(to[8..]);
        subject.TryWriteBytes(to[SubjectAt..], bigEndian: true, out _);
        objectId.TryWriteBytes(to[ObjectIdAt..], bigEndian: true, out _);
    }

    private static byte[] Sum(ReadOnlySpan<byte> header) => SHA256.HashData(header[..SumAt])[..(Bytes - SumAt)];
}
