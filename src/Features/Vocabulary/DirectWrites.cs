namespace EventFiles.Features.Vocabulary;

/// <summary>A part of an object that clients bring to the store themselves.</summary>
/// <param name="Number">1 and up, without gaps.</param>
public sealed record DirectPart(int Number, long SizeBytes);

/// <summary>Where a part can be put.</summary>
/// <param name="Part">The part, with the very number of bytes that is taken there.</param>
/// <param name="Address">
/// With the method PUT and no headers of ours. Relative, and no more than a sealed word, when parts come to this server: the
/// word goes back to <see cref="IDirectWrites.Open"/>.
/// </param>
/// <param name="ExpiresAt">It is worth nothing afterwards.</param>
public sealed record DirectAddress(DirectPart Part, Uri Address, DateTimeOffset ExpiresAt);

/// <summary>What became of making one object of parts.</summary>
public enum DirectJoin
{
    /// <summary>The object has all its bytes: <see cref="IObjects.Seal"/> gives it, and what it is.</summary>
    Joined,

    /// <summary>Another process is at it.</summary>
    Elsewhere,

    /// <summary>The parts are not those that were asked for, and no object is made of them.</summary>
    NotAsPlanned,
}

/// <summary>
/// A store that takes parts of objects from clients themselves, each at an address that is good for that part alone. Not
/// every store does: where bytes must be encrypted on their way, one that they would reach without us does not. What such
/// a client says counts for nothing: the store tells which parts it has, and the bytes that it has are read before they
/// are anything. An object that is begun so is deleted as any other, its parts by <see cref="Discard"/>.
/// </summary>
public interface IDirectWrites
{
    /// <summary>Makes ready for the parts of an object; safe to repeat.</summary>
    Task Begin(ObjectKey key, CancellationToken cancel);

    /// <summary>Where these parts can be put until then; null when the object is not to be had any more.</summary>
    /// <param name="file">The file in whose stream the log tells of the upload.</param>
    Task<IReadOnlyList<DirectAddress>?> Addresses(
        ObjectKey key, FileId file, AccountId owner, IReadOnlyList<DirectPart> parts, DateTimeOffset until, CancellationToken cancel);

    /// <summary>The parts that the store has, by their numbers.</summary>
    Task<IReadOnlyList<DirectPart>> Stored(ObjectKey key, CancellationToken cancel);

    /// <summary>
    /// Makes one object of the parts and reads all of it; safe to repeat, wherever another process has died that did it.
    /// Meanwhile <see cref="IObjects.GrowingLength"/> tells how far it is.
    /// </summary>
    Task<DirectJoin> Join(ObjectKey key, AccountId owner, IReadOnlyList<DirectPart> parts, CancellationToken cancel);

    /// <summary>Removes what is left of the parts; none is no error.</summary>
    Task Discard(ObjectKey key, CancellationToken cancel);

    /// <summary>What an address of this server's own is for; null when it is none, was altered or has expired, and for stores elsewhere.</summary>
    DirectTicket? Open(string address);
}

/// <summary>What an address was given out for.</summary>
public sealed record DirectTicket(UploadId Upload, FileId File, AccountId Owner, DirectPart Part);
