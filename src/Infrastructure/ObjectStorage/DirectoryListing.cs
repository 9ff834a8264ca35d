using System.Runtime.CompilerServices;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>What stands below the store's directory.</summary>
internal sealed class DirectoryListing(string root, string incoming)
{
    /// <summary>The objects whose keys begin with <paramref name="prefix"/>. One shard at a time is held in memory.</summary>
    public async IAsyncEnumerable<StoredObject> List(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var folder in Folders(prefix))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var one in await Task.Run(() => In(folder, prefix), cancel))
                yield return one;
        }
    }

    /// <summary>The object that this file holds; null when there is no such file.</summary>
    public StoredObject? At(string file) => new FileInfo(file) is { Exists: true } there
        ? new StoredObject(ObjectPath.KeyOf(Path.GetRelativePath(root, file)), there.Length, new DateTimeOffset(there.LastWriteTimeUtc))
        : null;

    private List<StoredObject> In(string folder, string prefix)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(At)
                    .OfType<StoredObject>()
                    .Where(found => found.Key.Value.StartsWith(prefix, StringComparison.Ordinal)),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private IEnumerable<string> Folders(string prefix)
    {
        if (ObjectPath.FolderOf(prefix) is { } one)
            return Directory.Exists(Path.Combine(root, one)) ? [Path.Combine(root, one)] : [];
        return Directory.EnumerateDirectories(root)
            .Where(area => !string.Equals(area, incoming, StringComparison.Ordinal))
            .Where(area => $"{Path.GetFileName(area)}/".StartsWith(prefix, StringComparison.Ordinal)
                || prefix.StartsWith($"{Path.GetFileName(area)}/", StringComparison.Ordinal))
            .SelectMany(Directory.EnumerateDirectories);
    }
}
