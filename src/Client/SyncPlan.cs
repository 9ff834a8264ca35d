namespace EventFiles.Client;

/// <summary>A local file and what the server has of that name.</summary>
internal sealed record SyncedFile(FoundFile Local, RemoteEntry? Remote);

/// <summary>What a local folder and one at the server have in common and what not, by their names.</summary>
internal sealed class SyncPlan(Errand errand)
{
    /// <summary>All that are here.</summary>
    public List<SyncedFile> Files { get; } = [];

    /// <summary>All folders that are here, those above before those below.</summary>
    public List<IReadOnlyList<string>> Folders { get; } = [];

    /// <summary>What is only at the server.</summary>
    public List<RemoteEntry> Surplus { get; } = [];

    /// <summary>Compares them.</summary>
    /// <param name="remote">Null when there is no such folder yet.</param>
    public async Task Make(DirectoryInfo local, RemoteEntry? remote, CancellationToken cancel) => await Compare(local, remote, [], cancel);

    private async Task Compare(DirectoryInfo local, RemoteEntry? remote, IReadOnlyList<string> names, CancellationToken cancel)
    {
        var (files, folders) = LocalTree.List(local, link => errand.Display.Note($"{link} is a link and passed over."));
        var seen = files.Concat<FileSystemInfo>(folders).CountBy(one => RemoteEntry.Key(one.Name)).ToDictionary(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (await Match(file, remote, seen, isFolder: false, cancel) is var (there, isRight) && isRight)
                Files.Add(new SyncedFile(new FoundFile(LocalFile.Of(file), file.Name, names), there));
        }

        foreach (var folder in folders)
        {
            if (await Match(folder, remote, seen, isFolder: true, cancel) is not (var there, true))
                continue;
            IReadOnlyList<string> below = [.. names, folder.Name];
            Folders.Add(below);
            await Compare(folder, there, below, cancel);
        }

        if (remote is not null)
            Surplus.AddRange((await errand.Tree.List(remote, cancel)).Where(one => !seen.ContainsKey(RemoteEntry.Key(one.Name))));
    }

    // To the server, names that differ in case or composition only are one.
    private async Task<(RemoteEntry? Remote, bool IsRight)> Match(
        FileSystemInfo local, RemoteEntry? folder, Dictionary<string, int> seen, bool isFolder, CancellationToken cancel)
    {
        var there = folder is null ? null : await errand.Tree.FindIn(folder, local.Name, cancel);
        var trouble = seen[RemoteEntry.Key(local.Name)] > 1 ? "Another name here is the same at the server."
            : there is not null && there.IsFolder != isFolder ? "One of it and what the server has of that name is a folder, the other a file."
            : null;
        if (trouble is not null)
            errand.Failed(local.FullName, NotDoneException.Refused("client.name-clash", trouble));
        return (there, trouble is null);
    }
}
