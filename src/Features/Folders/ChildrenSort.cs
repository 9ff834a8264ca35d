using System.Collections.Immutable;

namespace EventFiles.Features.Folders;

/// <summary>
/// The orders in which a folder's list can be had, and the indexes that make them. Folders come first in each of them,
/// forwards and backwards: so they stand in indexes of their own, and a list is read from the two, one after the other.
/// </summary>
public static class ChildrenSort
{
    private static readonly ImmutableSortedSet<string> Orders =
        ImmutableSortedSet.Create(StringComparer.Ordinal, "name", "size", "createdAt", "modifiedAt", "type");

    /// <summary>What a client may ask for; a minus turns the order round.</summary>
    public static IReadOnlyCollection<string> Words { get; } = [.. Orders.SelectMany(order => new[] { order, $"-{order}" })];

    /// <summary>The index that has a folder's folders, or its files, in the order of <paramref name="word"/>, and the way to read it.</summary>
    public static (string Index, bool Descending) Of(FolderId folder, string word, bool ofFolders) =>
        (IndexOf(folder, word.TrimStart('-'), ofFolders), word[0] == '-');

    /// <summary>Where an entry stands in all of its folder's orders.</summary>
    public static IEnumerable<IndexEntry> Places(
        FolderId folder, bool isFolder, string name, long sizeBytes, string? contentType, DateTimeOffset createdAt,
        DateTimeOffset modifiedAt)
    {
        var sort = NaturalOrder.Of(name);
        yield return new(IndexOf(folder, "name", isFolder), sort);
        yield return new(IndexOf(folder, "createdAt", isFolder), IndexEntry.Time(createdAt));
        yield return new(IndexOf(folder, "modifiedAt", isFolder), IndexEntry.Time(modifiedAt));
        // Folders have neither size nor type: there they stand by name.
        yield return new(IndexOf(folder, "size", isFolder), isFolder ? sort : IndexEntry.Number(sizeBytes));
        // A space sorts before every character of a media type, so image/x comes before image/x-y.
        yield return new(IndexOf(folder, "type", isFolder), isFolder ? sort : $"{contentType} {sort}");
    }

    private static string IndexOf(FolderId folder, string order, bool ofFolders) =>
        $"{(ofFolders ? "folders" : "files")}-{order}:{folder}";
}
