using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Zip;

/// <summary>Finds out what is to be in an archive. What the caller may not read is not in it.</summary>
internal sealed class ZipPlanner(IFolders folders, IFiles files, IAccess access, IFolderAccess folderAccess, IScans scans)
{
    /// <summary>More would not be a plan that fits into memory beside those of others.</summary>
    public const int MaxEntries = 100_000;

    private const int PageSize = 1000;

    /// <summary>A folder that the caller may read, under its name; the root under none.</summary>
    public Task<Answer<ZipPlan>> OfFolder(Caller by, FolderId folder, string name, CancellationToken cancel) =>
        Plan(by, [], [(folder, name.Length == 0 ? "" : ZipNames.Safe(name) + "/")], cancel);

    /// <summary>All that was selected, beside each other.</summary>
    /// <param name="isComplete">Refuse when something of it cannot be had; else it is left out.</param>
    public async Task<Answer<ZipPlan>> OfItems(
        Caller by, IEnumerable<ZipItem> items, bool isComplete, CancellationToken cancel)
    {
        var names = new ZipNames();
        var entries = new List<ZipEntry>();
        var roots = new List<(FolderId, string)>();
        foreach (var item in items.Distinct())
        {
            var refused = item.IsFolder
                ? await Add(by, new FolderId(item.Id), names, roots, cancel)
                : await Add(by, new FileId(item.Id), names, entries, cancel);
            if (refused is not null && isComplete)
                return refused;
        }

        return await Plan(by, entries, roots, cancel);
    }

    private async Task<Rejection?> Add(
        Caller by, FolderId folder, ZipNames names, List<(FolderId, string)> roots, CancellationToken cancel)
    {
        var asked = await folderAccess.Ask(by, folder, FolderAction.Read, cancel);
        if (asked is not Answer<FolderAccess>.Yes(var (_, owner, _), _))
            return asked.Refusal;
        if (await folders.NameOf(owner, folder, cancel) is not { } name)
            return FolderRejection.NoSuchFolder;
        roots.Add((folder, names.Take(name.Length == 0 ? "Files" : name) + "/"));
        return null;
    }

    private async Task<Rejection?> Add(Caller by, FileId file, ZipNames names, List<ZipEntry> entries, CancellationToken cancel)
    {
        var leave = await access.Ask(by, file, FileAction.Read, cancel);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal;
        if (may.IsDeleted || await files.Find(file, cancel) is not { Version: > 0 } found)
            return AccessRejection.NoSuchFile;
        if (may.IsTrashed)
            return AccessRejection.NotAllowed;
        if ((await scans.Of(file, found.Version, cancel)).ToReader(isOwner: by.Account == may.Owner) is { } closed)
            return closed;
        entries.Add(new ZipEntry(names.Take(found.Name), file, found.Version, found.SizeBytes, found.ModifiedAt));
        return null;
    }

    // Depth first: a folder, the folders in it with all that they hold, its files.
    private async Task<Answer<ZipPlan>> Plan(
        Caller by, List<ZipEntry> entries, IReadOnlyList<(FolderId Folder, string Path)> roots, CancellationToken cancel)
    {
        var open = new Stack<(FolderId Folder, string Path, DateTimeOffset At)>(
            roots.Reverse().Select(root => (root.Folder, root.Path, DateTimeOffset.UnixEpoch)));
        while (open.TryPop(out var at))
        {
            if (await folderAccess.Ask(by, at.Folder, FolderAction.Read, cancel) is not Answer<FolderAccess>.Yes(var may, _))
                continue; // it was taken back or moved away meanwhile
            if (at.Path.Length > 0)
                entries.Add(new ZipEntry(at.Path, null, 0, 0, at.At));
            var names = new ZipNames();
            var below = new List<(FolderId, string, DateTimeOffset)>();
            string? cursor = null;
            do
            {
                var page = await folders.Children(at.Folder, cursor, PageSize, cancel);
                foreach (var child in page.Items)
                {
                    var path = at.Path + names.Take(child.Name);
                    if (child.IsFolder)
                        below.Add((new FolderId(child.Id), path + "/", child.ModifiedAt));
                    else if (!child.IsInfected && (may.Owner == by.Account || await IsOpen(child, cancel)))
                        entries.Add(new ZipEntry(path, new FileId(child.Id), child.Version, child.SizeBytes, child.ModifiedAt));
                }

                if (entries.Count + open.Count + below.Count > MaxEntries)
                    return ZipRejection.TooMany;
                cursor = page.NextCursor;
            }
            while (cursor is not null);

            for (var last = below.Count - 1; last >= 0; last--)
                open.Push(below[last]);
        }

        return new ZipPlan(entries);
    }

    // Who may read a folder may read what is in it, once the scanner has let others have it; the owner does not wait.
    private async Task<bool> IsOpen(FolderChild child, CancellationToken cancel) =>
        (await scans.Of(new FileId(child.Id), child.Version, cancel)).ToReader(isOwner: false) is null;
}
