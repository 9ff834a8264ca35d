using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>The folders below the root: shards by an id's random part, and in them folders of single files.</summary>
internal sealed class ShardFolders(string root)
{
    private const int Tries = 20;

    // EEXIST, of Linux.
    private const int Exists = 17;

    private readonly ConcurrentDictionary<string, bool> shards = new(StringComparer.Ordinal);

    /// <summary>Does something where the folder exists. A delete may take an empty one away between its creation and its use.</summary>
    public void InFolderOf(string place, Action act)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Ensure(Path.GetDirectoryName(place)!);
                act();
                return;
            }
            catch (Exception gone) when (tries < Tries && gone is DirectoryNotFoundException or FileNotFoundException or IOException { HResult: Exists })
            {
                // A move reports a missing folder as a missing file when somebody has just made the folder anew; and one that
                // somebody made first, and that was taken away again, is reported as something else of that name.
            }
        }
    }

    // Shards stay for ever and are remembered; the folders of single files come and go.
    private void Ensure(string folder)
    {
        if (shards.ContainsKey(folder) || folder.Length <= root.Length)
            return;
        var parent = Path.GetDirectoryName(folder)!;
        Ensure(parent);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DurableWrites.FlushDirectory(parent);
        }

        if (IsShard(folder))
            shards.TryAdd(folder, true);
    }

    /// <summary>Takes empty folders away, from this one up to its shard.</summary>
    public void RemoveEmpty(string folder)
    {
        for (; !IsShard(folder); folder = Path.GetDirectoryName(folder)!)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private bool IsShard(string folder) => string.Equals(Path.GetDirectoryName(Path.GetDirectoryName(folder)), root, StringComparison.Ordinal);
}
