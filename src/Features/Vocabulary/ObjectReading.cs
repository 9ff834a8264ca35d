using System.Buffers;
using System.Security.Cryptography;

namespace EventFiles.Features.Vocabulary;

/// <summary>How an object's bytes can be other than the log says.</summary>
public enum ObjectDamage
{
    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>It is shorter or longer.</summary>
    WrongSize,

    /// <summary>Its bytes are others.</summary>
    WrongDigest,

    /// <summary>The store cannot hand it out to its end.</summary>
    Unreadable,
}

/// <summary>What came of reading an object from its first byte to its last.</summary>
/// <param name="Damage">Null when it is as it was stored.</param>
/// <param name="ReadBytes">How many came.</param>
/// <param name="Sha256">Lower-case hex over these; personal where the object is.</param>
/// <param name="Detail">What the store said; empty when it said nothing.</param>
public sealed record ObjectReading(ObjectDamage? Damage, long ReadBytes, string Sha256, string Detail)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Whether reading failed because of the object, and not because its store is away.</summary>
    public static bool IsOfTheObject(Exception failure) =>
        failure is (IOException or UnauthorizedAccessException) and not ObjectStoreAwayException;

    /// <summary>Reads it with one buffer, whatever its size.</summary>
    /// <param name="sha256">What it must be; null when nobody knows.</param>
    /// <param name="pace">Told of every piece, and waited for, before it is read; null: as fast as it comes.</param>
    public static async Task<ObjectReading> Of(
        IObjects objects, ObjectKey key, long sizeBytes, string? sha256, Func<int, ValueTask>? pace, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        try
        {
            await using var content = await objects.Open(key, cancel);
            if (content is null)
                return new ObjectReading(ObjectDamage.Missing, 0, "", "");
            while (true)
            {
                if (pace is not null)
                    await pace((int)Math.Clamp(sizeBytes - bytes, 0, BufferBytes));
                var read = await content.ReadAtLeastAsync(buffer.AsMemory(0, BufferBytes), BufferBytes, throwOnEndOfStream: false, cancel);
                digest.AppendData(buffer, 0, read);
                bytes += read;
                if (read < BufferBytes)
                    break;
            }
        }
        catch (Exception failure) when (IsOfTheObject(failure))
        {
            return new ObjectReading(ObjectDamage.Unreadable, bytes, "", failure.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var found = Convert.ToHexStringLower(digest.GetCurrentHash());
        return new ObjectReading(
            bytes != sizeBytes ? ObjectDamage.WrongSize : sha256 is not null && sha256 != found ? ObjectDamage.WrongDigest : null,
            bytes, found, bytes == sizeBytes ? "" : FormattableString.Invariant($"It has {bytes} bytes instead of {sizeBytes}."));
    }
}
