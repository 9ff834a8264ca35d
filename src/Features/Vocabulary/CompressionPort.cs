namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Makes finished original bytes smaller where they are. Whoever reads an object gets its plain bytes, whichever form it has:
/// as it came, as long as that is there, and else the compressed one.
/// </summary>
public interface ICompression
{
    /// <summary>Whether objects are compressed. What is compressed is read in any case.</summary>
    bool IsOn { get; }

    /// <summary>
    /// Stores a compressed form beside an object, and reads all of it back. The object is still read as it came. What a former
    /// try left is written again; of an object that is compressed already only the sizes are told.
    /// </summary>
    /// <param name="owner">Under whose key it is stored.</param>
    /// <param name="sha256">Lower-case hex over the plain bytes; null when nobody knows. Personal.</param>
    /// <returns>Null when there is no such object, or when it would not pay.</returns>
    /// <exception cref="ObjectDamagedException">Its bytes are not what the digest says, or did not come back the same.</exception>
    Task<CompressedForm?> Prepare(AccountId owner, ObjectKey key, string? sha256, CancellationToken cancel);

    /// <summary>Removes the form as it came, if there is a compressed one. Whoever is reading it goes on in the other.</summary>
    Task Switch(ObjectKey key, CancellationToken cancel);
}

/// <summary>What compressing an object came to.</summary>
/// <param name="PlainBytes">As it came.</param>
/// <param name="StoredBytes">As it is stored, without what encryption adds.</param>
public sealed record CompressedForm(long PlainBytes, long StoredBytes);
