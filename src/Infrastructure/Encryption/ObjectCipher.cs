using System.Buffers.Binary;
using System.Security.Cryptography;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Encrypts and decrypts the segments of one object. Every segment gets a nonce of its own, drawn anew whenever it is
/// encrypted, and is bound to its object, its place and whether it is the last: a stream of segments that is cut, put in
/// another order, added to or mixed with another's does not open. For one user at a time.
/// </summary>
internal sealed class ObjectCipher : IDisposable
{
    public const int KeyBytes = 32;

    private const int BindingBytes = 16 + 8 + 1;

    private static readonly byte[] Purpose = "eventfiles/object/1"u8.ToArray();

    private readonly AesGcm aes;
    private readonly byte[] binding = new byte[BindingBytes];

    private ObjectCipher(ReadOnlySpan<byte> key, ObjectHeader header)
    {
        aes = new AesGcm(key, TagBytes);
        Header = header;
        header.ObjectId.TryWriteBytes(binding, bigEndian: true, out _);
    }

    // What a segment is, and what stands beside the segments.
    private enum Mark : byte
    {
        Inner = 0,
        Last = 1,
        Growing = 2,
        Gaps = 3,
    }

    public ObjectHeader Header { get; }

    /// <summary>For a new object, under a new file key.</summary>
    public static ObjectCipher New(SubjectKey subject, ObjectKey key)
    {
        Span<byte> fileKey = stackalloc byte[KeyBytes];
        Span<byte> derived = stackalloc byte[KeyBytes + ObjectHeader.CommitmentBytes];
        RandomNumberGenerator.Fill(fileKey);
        try
        {
            var id = new Guid(RandomNumberGenerator.GetBytes(16));
            Derive(fileKey, id, derived);
            var wrapped = Sealed(subject.Key, fileKey, ObjectHeader.Context(subject.Id, id, key));
            return new ObjectCipher(derived[..KeyBytes], new ObjectHeader(subject.Id, id, wrapped, derived[KeyBytes..].ToArray()));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>For an object that is there.</summary>
    /// <exception cref="ObjectDamagedException">The header is not that of this object under this key.</exception>
    public static ObjectCipher Of(ObjectHeader header, SubjectKey subject, ObjectKey key)
    {
        Span<byte> fileKey = stackalloc byte[KeyBytes];
        Span<byte> derived = stackalloc byte[KeyBytes + ObjectHeader.CommitmentBytes];
        try
        {
            Opened(subject.Key, header.Wrapped, fileKey, ObjectHeader.Context(header.Subject, header.ObjectId, key));
            Derive(fileKey, header.ObjectId, derived);
            return CryptographicOperations.FixedTimeEquals(derived[KeyBytes..], header.Commitment)
                ? new ObjectCipher(derived[..KeyBytes], header)
                : throw new ObjectDamagedException($"The header of {key} commits to another key.");
        }
        catch (AuthenticationTagMismatchException other)
        {
            throw new ObjectDamagedException($"The file key of {key} does not open: the header is another object's, or was made with another key.", other);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Encrypts a segment.</summary>
    /// <param name="to">Takes exactly nonce, ciphertext and tag.</param>
    public void Seal(long segment, bool isLast, ReadOnlySpan<byte> plain, Span<byte> to) =>
        Seal(isLast ? Mark.Last : Mark.Inner, segment, plain, to);

    /// <summary>Decrypts a segment.</summary>
    /// <exception cref="ObjectDamagedException">It is not the segment that was written there; nothing of it is handed out.</exception>
    public void Open(long segment, bool isLast, ReadOnlySpan<byte> stored, Span<byte> to)
    {
        try
        {
            Open(isLast ? Mark.Last : Mark.Inner, segment, stored, to);
        }
        catch (AuthenticationTagMismatchException altered)
        {
            throw new ObjectDamagedException(
                FormattableString.Invariant($"The bytes of the object from {Start(segment)} on are not those that were stored."), altered);
        }
    }

    /// <summary>Encrypts what is kept beside an object that grows: never twice with one nonce, whatever stands there.</summary>
    public byte[] SealGrowing(long version, ReadOnlySpan<byte> plain) => SealBeside(Mark.Growing, version, plain);

    /// <summary>The reverse of <see cref="SealGrowing"/>.</summary>
    /// <exception cref="ObjectDamagedException">It is another object's, or of another moment.</exception>
    public byte[] OpenGrowing(long version, ReadOnlySpan<byte> stored) => OpenBeside(Mark.Growing, version, stored);

    /// <summary>Encrypts where the gaps of an object are.</summary>
    public byte[] SealGaps(ReadOnlySpan<byte> plain) => SealBeside(Mark.Gaps, 0, plain);

    /// <summary>The reverse of <see cref="SealGaps"/>.</summary>
    /// <exception cref="ObjectDamagedException">It is not what was written.</exception>
    public byte[] OpenGaps(ReadOnlySpan<byte> stored) => OpenBeside(Mark.Gaps, 0, stored);

    public void Dispose() => aes.Dispose();

    /// <summary>Encrypts a few bytes under a key that encrypts few: nonce, ciphertext, tag.</summary>
    public static byte[] Sealed(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var to = new byte[OverheadBytes + plain.Length];
        using var once = new AesGcm(key, TagBytes);
        RandomNumberGenerator.Fill(to.AsSpan(0, NonceBytes));
        once.Encrypt(to.AsSpan(0, NonceBytes), plain, to.AsSpan(NonceBytes, plain.Length), to.AsSpan(NonceBytes + plain.Length), context);
        return to;
    }

    /// <summary>The reverse of <see cref="Sealed"/>.</summary>
    /// <exception cref="AuthenticationTagMismatchException">Another key, another context, or other bytes.</exception>
    public static void Opened(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, Span<byte> to, ReadOnlySpan<byte> context)
    {
        using var once = new AesGcm(key, TagBytes);
        once.Decrypt(stored[..NonceBytes], stored[NonceBytes..^TagBytes], stored[^TagBytes..], to, context);
    }

    private static void Derive(ReadOnlySpan<byte> fileKey, Guid objectId, Span<byte> to)
    {
        Span<byte> salt = stackalloc byte[16];
        objectId.TryWriteBytes(salt, bigEndian: true, out _);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, to, salt, Purpose);
    }

    private byte[] SealBeside(Mark mark, long number, ReadOnlySpan<byte> plain)
    {
        var to = new byte[OverheadBytes + plain.Length];
        Seal(mark, number, plain, to);
        return to;
    }

    private byte[] OpenBeside(Mark mark, long number, ReadOnlySpan<byte> stored)
    {
        try
        {
            var to = new byte[stored.Length - OverheadBytes];
            Open(mark, number, stored, to);
            return to;
        }
        catch (Exception altered) when (altered is AuthenticationTagMismatchException or OverflowException)
        {
            throw new ObjectDamagedException("What is kept beside the segments of an object is not as it was written.", altered);
        }
    }

    private void Seal(Mark mark, long number, ReadOnlySpan<byte> plain, Span<byte> to)
    {
        RandomNumberGenerator.Fill(to[..NonceBytes]);
        aes.Encrypt(to[..NonceBytes], plain, to.Slice(NonceBytes, plain.Length), to[(NonceBytes + plain.Length)..], Bound(mark, number));
    }

    private void Open(Mark mark, long number, ReadOnlySpan<byte> stored, Span<byte> to) =>
        aes.Decrypt(stored[..NonceBytes], stored[NonceBytes..^TagBytes], stored[^TagBytes..], to, Bound(mark, number));

    private byte[] Bound(Mark mark, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(binding.AsSpan(16), number);
        binding[^1] = (byte)mark;
        return binding;
    }
}
