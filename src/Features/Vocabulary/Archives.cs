namespace EventFiles.Features.Vocabulary;

/// <summary>
/// ZIP archives that are made while they are read, from any place on (ADR 49). Implemented by the Zip slice; what is in one,
/// and who may read it, is the affair of whoever asks.
/// </summary>
public interface IArchives
{
    /// <summary>More entries would not be a plan that fits into memory beside those of others.</summary>
    int MaxEntries { get; }

    /// <summary>
    /// Chooses names within one folder of an archive, one after the other: each is right on every system, and no two are the
    /// same on any.
    /// </summary>
    Func<string, string> NamesOfFolder();

    /// <summary>How long the archive will be, and a tag that is the same for the same entries; without quotes.</summary>
    (long SizeBytes, string ETag) Measure(IReadOnlyList<ArchiveEntry> entries);

    /// <summary>The archive.</summary>
    /// <param name="open">
    /// Opens the bytes of an entry when its turn comes: seekable, and as long as the entry says. What it throws ends the
    /// archive with an error and never with fewer bytes.
    /// </param>
    /// <returns>Seekable; the receiver disposes of it.</returns>
    Stream Open(IReadOnlyList<ArchiveEntry> entries, Func<ArchiveEntry, CancellationToken, ValueTask<Stream>> open);
}

/// <summary>What is to be in an archive.</summary>
/// <param name="Path">In the archive; a folder's ends with a slash.</param>
/// <param name="Source">Null for a folder. Of one source and version the bytes never change.</param>
/// <param name="Version">Of the source.</param>
public sealed record ArchiveEntry(string Path, Guid? Source, int Version, long SizeBytes, DateTimeOffset ModifiedAt);
