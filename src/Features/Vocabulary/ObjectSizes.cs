namespace EventFiles.Features.Vocabulary;

/// <summary>Objects by their sizes: whether they are there at all, and whether they are whole.</summary>
public static class ObjectSizes
{
    /// <summary>
    /// Plain bytes of a sealed object; 0 when it is there and does not open, damaged as it is or without its key; null when
    /// it is not there.
    /// </summary>
    /// <exception cref="ObjectStoreAwayException">Nothing is known of it.</exception>
    public static async Task<long?> SizeOf(this IObjects objects, ObjectKey key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(objects);
        try
        {
            await using var content = await objects.Open(key, cancel);
            return content?.Length;
        }
        catch (Exception failure) when (ObjectReading.IsOfTheObject(failure))
        {
            return 0;
        }
    }

    /// <summary>A seekable stream over a sealed object that has as many bytes as were stored; null when there is none.</summary>
    /// <exception cref="ObjectDamagedException">It has more or fewer, or does not open.</exception>
    public static async Task<Stream?> OpenWhole(this IObjects objects, ObjectKey key, long sizeBytes, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var content = await objects.Open(key, cancel);
        if (content is null || content.Length == sizeBytes)
            return content;
        var message = FormattableString.Invariant($"{key} has {content.Length} bytes instead of {sizeBytes}.");
        await content.DisposeAsync();
        throw new ObjectDamagedException(message);
    }
}
