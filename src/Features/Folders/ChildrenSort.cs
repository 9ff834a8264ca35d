using System.Collections.Immutable;
using System.Text;

namespace EventFiles.Features.Folders;

/// <summary>The orders in which a folder's list can be had, and the sort texts that make them.</summary>
public static class ChildrenSort
{
    private const string ByName = "children-name";
    private const string ByNameDown = "children-name-down";
    private const string BySize = "children-size";
    private const string ByCreation = "children-created";
    private const string ByType = "children-type";

    private static readonly ImmutableSortedDictionary<string, (string Index, bool Descending)> Orders =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new KeyValuePair<string, (string, bool)>[]
        {
            new("name", (ByName, false)), new("-name", (ByNameDown, true)),
            new("size", (BySize, false)), new("-size", (BySize, true)),
            new("createdAt", (ByCreation, false)), new("-createdAt", (ByCreation, true)),
            new("type", (ByType, false)), new("-type", (ByType, true)),
        });

    /// <summary>What a client may ask for; a minus turns the order round.</summary>
    public static IReadOnlyCollection<string> Words { get; } = [.. Orders.Keys];

    /// <summary>The index that has a folder's children in the order of <paramref name="word"/>, and the way to read it.</summary>
    public static (string Index, bool Descending) Of(FolderId folder, string word) =>
        ($"{Orders[word].Index}:{folder}", Orders[word].Descending);

    /// <summary>Where an entry stands in all of its folder's orders.</summary>
    public static IEnumerable<IndexEntry> Places(
        FolderId folder, bool isFolder, string name, long sizeBytes, string? contentType, DateTimeOffset createdAt)
    {
        var sort = Natural(name);
        // Read forwards or backwards, folders come before files: hence two indexes.
        yield return new($"{ByName}:{folder}", (isFolder ? "0" : "1") + sort);
        yield return new($"{ByNameDown}:{folder}", (isFolder ? "1" : "0") + sort);
        yield return new($"{BySize}:{folder}", IndexEntry.Number(sizeBytes));
        yield return new($"{ByCreation}:{folder}", IndexEntry.Time(createdAt));
        // A space sorts before every character of a media type, so image/x comes before image/x-y.
        yield return new($"{ByType}:{folder}", $"{contentType} {sort}");
    }

    /// <summary>
    /// A text whose ordinal order is the order in which people expect names: case makes no difference, and numbers count
    /// by their value, so <c>file2</c> comes before <c>file10</c>.
    /// </summary>
    public static string Natural(string name)
    {
        var key = EntryName.Key(name);
        var sort = new StringBuilder(key.Length + 8);
        for (var at = 0; at < key.Length;)
        {
            if (!char.IsAsciiDigit(key[at]))
            {
                sort.Append(key[at++]);
                continue;
            }

            var end = at;
            while (end < key.Length && char.IsAsciiDigit(key[end]))
                end++;
            while (at < end - 1 && key[at] == '0')
                at++;
            // The longer of two numbers without leading zeros is the greater one; a name has fewer than 1000 digits.
            sort.Append((end - at).ToString("D3", System.Globalization.CultureInfo.InvariantCulture)).Append(key, at, end - at);
            at = end;
        }

        return sort.ToString();
    }
}
