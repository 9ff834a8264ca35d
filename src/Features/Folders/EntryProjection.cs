using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using ScanEvent = EventFiles.Features.Scan.ScanEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Folders;

/// <summary>A file or folder, as its folder's list keeps it. All that a list shows is in it: a page needs no second look.</summary>
/// <param name="Version">A file's current version; 0 for a folder, and for a file whose first version is not heard of yet.</param>
/// <param name="Steps">A file's processing steps that are open or failed; what succeeded is not needed to tell its status.</param>
public sealed record Entry(
    bool IsFolder, Guid Id, FolderId Folder, string Name, long SizeBytes, string? ContentType, int Version,
    DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt, bool IsTrashed, ImmutableArray<EntryStep> Steps,
    EntryThumbnail? Thumbnail)
{
    /// <summary>As the API shows it.</summary>
    public EntryView ToView() => new(
        IsFolder ? "folder" : "file", Id, Name, SizeBytes, ContentType, IsFolder ? null : Status(), CreatedAt, ModifiedAt,
        Thumbnail?.Version == Version && !IsInfected ? Thumbnail.Name : null, Version,
        IsFolder ? null : CurrentScan());

    /// <summary>What the scanner said of a file's versions from the current one on.</summary>
    public ImmutableSortedDictionary<int, ScanVerdict> Scans { get; init; } = ImmutableSortedDictionary<int, ScanVerdict>.Empty;

    /// <summary>Those of the same that the scanner should have looked at by now, and of which nothing is made before.</summary>
    public ImmutableSortedSet<int> Held { get; init; } = ImmutableSortedSet<int>.Empty;

    public bool IsInfected => CurrentScan() == ScanVerdict.Infected;

    private ScanVerdict CurrentScan() => Scans.GetValueOrDefault(Version, ScanVerdict.NotScanned);

    private string Status() => FileStatus.Of(
        isDeleted: false, IsTrashed, hasContent: Version > 0,
        [.. Steps.Where(step => step.Version == Version).Select(step => step.Status)], IsInfected,
        isHeld: Held.Contains(Version));
}

/// <summary>One processing step that did not succeed (yet).</summary>
public sealed record EntryStep(JobId Job, int Version, string Variant, StepStatus Status);

/// <summary>The small picture of one version.</summary>
public sealed record EntryThumbnail(int Version, string Name);

internal static class EntryProjection
{
    /// <summary>By file or folder id. Trashed files are in it without a place; deleted ones are not in it.</summary>
    public static Projection<Entry> Define() => new Projection<Entry>("entries", version: 6)
        .On<FoldersEvent.Created>(created => created.Folder.ToString(), (_, created, happened) => new Entry(
            true, created.Folder.Value, created.Parent, created.Name, 0, null, 0, happened.At, happened.At, false, [], null))
        .On<FoldersEvent.Renamed>(renamed => renamed.Folder.ToString(), (entry, renamed, happened) =>
            Placed(entry, renamed.Parent, renamed.Name) is { } placed ? placed with { ModifiedAt = happened.At } : null)
        .On<FoldersEvent.Moved>(moved => moved.Folder.ToString(), (entry, moved, happened) =>
            Placed(entry, moved.Parent, moved.Name) is { } placed ? placed with { ModifiedAt = happened.At } : null)
        .On<FoldersEvent.HandedOver>(handed => handed.Folder.ToString(), (entry, handed, _) => Placed(entry, handed.Parent, handed.Name))
        .On<FoldersEvent.Trashed>(trashed => trashed.Folder.ToString(), (entry, _, _) =>
            entry is null ? null : entry with { IsTrashed = true })
        .On<FoldersEvent.Restored>(restored => restored.Folder.ToString(), (entry, restored, _) =>
            Placed(entry, restored.Parent, restored.Name) is { } placed ? placed with { IsTrashed = false } : null)
        .On<FoldersEvent.Deleted>(deleted => deleted.Folder.ToString(), (_, _, _) => null)
        .On<UploadEvent.Completed>(completed => completed.File.ToString(), Completed)
        .On<UploadEvent.Reinstated>(again => again.File.ToString(), (entry, again, happened) =>
            entry is null || again.Version <= entry.Version ? entry
                : Filled(entry, again.Version, again.SizeBytes, again.ContentType, happened))
        .On<FilesEvent.Renamed>(renamed => renamed.File.ToString(), (entry, renamed, _) =>
            Placed(entry, renamed.Folder, renamed.Name))
        .On<FilesEvent.Moved>(moved => moved.File.ToString(), (entry, moved, _) => Placed(entry, moved.Folder, moved.Name))
        .On<FilesEvent.HandedOver>(handed => handed.File.ToString(), (entry, handed, _) => Placed(entry, handed.Folder, handed.Name))
        .On<DeleteEvent.Trashed>(trashed => trashed.File.ToString(), (entry, _, _) =>
            entry is null ? null : entry with { IsTrashed = true })
        .On<DeleteEvent.TrashedWith>(trashed => trashed.File.ToString(), (entry, _, _) =>
            entry is null ? null : entry with { IsTrashed = true })
        .On<DeleteEvent.Restored>(restored => restored.File.ToString(), (entry, restored, _) =>
            Placed(entry, restored.Folder, restored.Name) is { } placed ? placed with { IsTrashed = false } : null)
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (_, _, _) => null)
        .On<ProcessEvent.Planned>(planned => planned.File.ToString(), Planned)
        .On<ProcessEvent.StepSucceeded>(succeeded => succeeded.File.ToString(), (entry, succeeded, _) =>
            entry is null ? null : entry with
            {
                Steps = entry.Steps.RemoveAll(step => step.Job == succeeded.Job),
                Thumbnail = ThumbnailVariants.Names.Contains(succeeded.Made.Name) && succeeded.Made.Version >= entry.Version
                    ? new EntryThumbnail(succeeded.Made.Version, succeeded.Made.Name)
                    : entry.Thumbnail,
            })
        .On<ProcessEvent.StepFailed>(failed => failed.File.ToString(), (entry, failed, _) =>
            entry is null ? null : entry with
            {
                Steps = [.. entry.Steps.Select(step => step.Job == failed.Job ? step with { Status = StepStatus.Failed } : step)],
            })
        .On<ProcessEvent.Cancelled>(cancelled => cancelled.File.ToString(), (entry, _, _) =>
            entry is null ? null : entry with { Steps = entry.Steps.RemoveAll(step => FileStatus.IsOpen(step.Status)) })
        .On<ScanEvent.Passed>(fact => fact.File.ToString(), (entry, fact, _) => Scanned(entry, fact.Version, ScanVerdict.Clean))
        .On<ScanEvent.Found>(fact => fact.File.ToString(), (entry, fact, _) => Scanned(entry, fact.Version, ScanVerdict.Infected))
        .On<ScanEvent.NotScannable>(fact => fact.File.ToString(), (entry, fact, _) => Scanned(entry, fact.Version, ScanVerdict.Unscannable))
        .On<ScanEvent.Overdue>(fact => fact.File.ToString(), (entry, fact, _) =>
            entry is null || !fact.Holds || fact.Version < entry.Version || entry.Scans.ContainsKey(fact.Version)
                ? entry
                : entry with { Held = entry.Held.Add(fact.Version) })
        .On<ScanEvent.Released>(fact => fact.File.ToString(), (entry, fact, _) => Scanned(entry, fact.Version, ScanVerdict.Released))
        .Indexed(Places)
        .Recalled("folder", "upload", "file", "delete", "process", "scan");

    // A file without content, in the trash or on its way out is in no list.
    private static IEnumerable<IndexEntry> Places(Entry entry) => entry switch
    {
        { IsFolder: false, Version: 0 } or { IsTrashed: true } => [],
        _ => ChildrenSort.Places(
            entry.Folder, entry.IsFolder, entry.Name, entry.SizeBytes, entry.ContentType, entry.CreatedAt, entry.ModifiedAt),
    };

    private static Entry? Scanned(Entry? entry, int version, ScanVerdict verdict) =>
        entry is null || version < entry.Version || entry.Scans.GetValueOrDefault(version) == verdict
            ? entry
            : entry with { Scans = entry.Scans.SetItem(version, verdict), Held = entry.Held.Remove(version) };

    private static Entry? Placed(Entry? entry, FolderId folder, string name) =>
        entry is null ? null : entry with { Folder = folder, Name = name };

    private static Entry? Completed(Entry? entry, UploadEvent.Completed done, RecordedEvent happened) =>
        (entry?.Version ?? 0, done.Version) switch
        {
            (0, 1) => Filled(entry ?? Unheard(done.File), done.Version, done.SizeBytes, done.ContentType, happened) with
            {
                Folder = done.Folder,
                Name = done.Name,
                CreatedAt = happened.At,
            },
            // A further version of a file that has been deleted meanwhile.
            (0, _) => entry,
            var (current, version) when version > current => Filled(entry!, done.Version, done.SizeBytes, done.ContentType, happened),
            _ => entry,
        };

    private static Entry Filled(Entry entry, int version, long sizeBytes, string contentType, RecordedEvent happened) => entry with
    {
        Version = version,
        SizeBytes = sizeBytes,
        ContentType = contentType,
        ModifiedAt = happened.At,
        Steps = entry.Steps.RemoveAll(step => step.Version < version),
        Scans = entry.Scans.RemoveRange(entry.Scans.Keys.Where(scanned => scanned < version)),
        Held = entry.Held.Except(entry.Held.Where(held => held < version)),
    };

    // A plan is made in the transaction that completes the upload, and may stand before the completion in the log.
    // What is tried anew for a variant makes the former failure forgotten.
    private static Entry Planned(Entry? entry, ProcessEvent.Planned plan, RecordedEvent happened)
    {
        entry ??= Unheard(plan.File);
        return plan.Version < entry.Version ? entry : entry with
        {
            Steps =
            [
                .. entry.Steps.Where(former =>
                    former.Version != plan.Version || !plan.Steps.Any(step => step.Variant == former.Variant)),
                .. plan.Steps.Select(step => new EntryStep(step.Job, plan.Version, step.Variant, StepStatus.Queued)),
            ],
        };
    }

    private static Entry Unheard(FileId file) => new(false, file.Value, default, "", 0, null, 0, default, default, false, [], null);
}
