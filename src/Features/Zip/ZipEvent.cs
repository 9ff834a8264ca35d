using System.Collections.Immutable;

namespace EventFiles.Features.Zip;

/// <summary>What happened to a selection that is to be downloaded. Stored for ever: add cases, never change one.</summary>
public abstract record ZipEvent
{
    private ZipEvent() { }

    /// <summary>Somebody has named what they want to have in one archive. What is in it is looked up when it is read.</summary>
    /// <param name="Until">Until when it can be read.</param>
    public sealed record Selected(ArchiveId Archive, ImmutableArray<ZipItem> Items, DateTimeOffset Until) : ZipEvent;
}

/// <summary>A file, or a folder with all that is in it.</summary>
/// <param name="Id">A file's or a folder's id.</param>
public sealed record ZipItem(bool IsFolder, Guid Id);
