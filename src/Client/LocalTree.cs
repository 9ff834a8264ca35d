namespace EventFiles.Client;

/// <summary>A local file, and the folders between where one began to look and it.</summary>
internal sealed record FoundFile(LocalFile File, string Name, IReadOnlyList<string> Folders);

/// <summary>Local files and folders.</summary>
internal static class LocalTree
{
    /// <summary>A file that was named; where it is a link, what it leads to.</summary>
    /// <exception cref="NotDoneException">There is none.</exception>
    public static LocalFile File(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.Exists ? LocalFile.Of((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file)
                : throw NotDoneException.NotFound($"There is no file {path} here");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotDoneException.Local(path, failure);
        }
    }

    /// <summary>What is in a folder: files, and by their names folders. Links are told of and passed over.</summary>
    public static (List<FileInfo> Files, List<DirectoryInfo> Folders) List(DirectoryInfo folder, Action<string> passedOver)
    {
        var (files, folders) = (new List<FileInfo>(), new List<DirectoryInfo>());
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(one => one.Name, StringComparer.Ordinal))
        {
            if (entry.LinkTarget is not null)
                passedOver(entry.FullName);
            else if (entry is FileInfo file)
                files.Add(file);
            else
                folders.Add((DirectoryInfo)entry);
        }

        return (files, folders);
    }

    /// <summary>A folder's name, also where it was named by dots.</summary>
    public static string NameOf(DirectoryInfo folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.FullName));
}
