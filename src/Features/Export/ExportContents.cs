using System.Collections.Immutable;
using System.Globalization;

namespace EventFiles.Features.Export;

/// <summary>What is to be in an export of somebody's files.</summary>
internal sealed record ListedContents(
    ImmutableArray<ExportEntry> Entries, ImmutableArray<ExportFolder> Folders, ImmutableArray<ExportWithheld> Withheld, int Files)
{
    /// <summary>How many former versions are among them.</summary>
    public int FormerVersions { get; init; }
}

/// <summary>
/// Lists a person's files with all their versions, by the digests that are known of them: no byte is read. Current ones
/// stand in their folders, former ones beside them in a tree of their own, and so do those of the trash.
/// </summary>
internal sealed class ExportContents(IFolders folders, IFiles files, IDeletion deletion, IScans scans, IArchives archives)
{
    private const int PageSize = 1000;

    /// <summary>Null when it is more than fits into one archive.</summary>
    public async Task<ListedContents?> List(AccountId owner, CancellationToken cancel)
    {
        var list = new Lists(archives.MaxEntries - ExportManifest.Documents.Length);
        var open = new Stack<(FolderId Folder, string Path)>([(FolderId.RootOf(owner), "")]);
        while (open.TryPop(out var at))
        {
            var names = archives.NamesOfFolder();
            for (string? cursor = null; ;)
            {
                var page = await folders.Children(at.Folder, cursor, PageSize, cancel);
                foreach (var child in page.Items)
                {
                    var path = at.Path + names(child.Name);
                    if (child.IsFolder)
                    {
                        list.Folders.Add(new ExportFolder($"files/{path}/", child.ModifiedAt));
                        open.Push((new FolderId(child.Id), path + "/"));
                    }
                    else
                    {
                        await Add(list, new FileId(child.Id), "files/" + path, "versions/" + path, cancel);
                    }
                }

                if (list.IsFull)
                    return null;
                if ((cursor = page.NextCursor) is null)
                    break;
            }
        }

        var thrown = archives.NamesOfFolder();
        await foreach (var (file, _) in deletion.Trashed(owner, cancel))
        {
            if (await files.Find(file, cancel) is { } found)
            {
                var name = thrown(found.Name);
                await Add(list, file, "trash/" + name, "trash-versions/" + name, cancel);
            }

            if (list.IsFull)
                return null;
        }

        return new ListedContents([.. list.Entries], [.. list.Folders], [.. list.Withheld], list.Files) { FormerVersions = list.Former };
    }

    private async Task Add(Lists list, FileId file, string path, string former, CancellationToken cancel)
    {
        // What is moved while it is listed may be met twice.
        if (!list.Met.Add(file))
            return;
        var versions = await files.VersionsOf(file, cancel);
        for (var at = 0; at < versions.Count; at++)
        {
            var version = versions[at];
            var isCurrent = at == versions.Count - 1;
            var place = isCurrent ? path
                : string.Create(CultureInfo.InvariantCulture, $"{former}/{version.Number}-{path[(path.LastIndexOf('/') + 1)..]}");
            if ((await scans.Of(file, version.Number, cancel)).ToReader(isOwner: true) is { } closed)
            {
                list.Withheld.Add(new ExportWithheld(place, file, version.Number, closed.Code));
                continue;
            }

            list.Entries.Add(new ExportEntry(place, version.SizeBytes, version.Sha256, version.CreatedAt, file, version.Number));
            if (isCurrent)
                list.Files++;
            else
                list.Former++;
        }
    }

    private sealed class Lists(int most)
    {
        public List<ExportEntry> Entries { get; } = [];

        public List<ExportFolder> Folders { get; } = [];

        public HashSet<FileId> Met { get; } = [];

        public List<ExportWithheld> Withheld { get; } = [];

        public int Files { get; set; }

        public int Former { get; set; }

        public bool IsFull => Entries.Count + Folders.Count + Withheld.Count > most;
    }
}
