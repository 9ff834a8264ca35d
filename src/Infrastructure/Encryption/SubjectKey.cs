namespace EventFiles.Infrastructure.Encryption;

/// <summary>The key of one person, which wraps the keys of that person's files. Not a record: it never prints itself.</summary>
internal sealed class SubjectKey(Guid id, byte[] key)
{
    /// <summary>In the headers of objects. Says nothing about the person.</summary>
    public Guid Id => id;

    public ReadOnlySpan<byte> Key => key;
}
