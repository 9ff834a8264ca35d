using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using HoldEvent = EventFiles.Features.Hold.HoldEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Retention;

/// <summary>What a rule would have deleted.</summary>
/// <param name="At">When it was due.</param>
/// <param name="Version">Null for the whole file.</param>
/// <param name="Bytes">What would have gone.</param>
/// <param name="ChangedLater">Somebody changed or restored it after that: they would not have found it.</param>
public sealed record WouldDelete(DateTimeOffset At, FileId File, int? Version, long Bytes, bool ChangedLater);

/// <summary>
/// Lets a rule act on history: had it been a folder's from the beginning, what had it deleted by now? The rules of other
/// folders are as they were: a part that one below says is not this one's, and what one above says counts where this one is
/// silent. Gets the facts in their order. Pure, and by the very rule that sweeps use.
/// </summary>
public sealed class RetentionSimulation(FolderId folder, RetentionRule rule)
{
    /// <summary>The facts that it must hear.</summary>
    public static IReadOnlyCollection<Type> Facts { get; } =
    [
        typeof(FoldersEvent.Created), typeof(FoldersEvent.Moved), typeof(FoldersEvent.Restored), typeof(UploadEvent.Completed),
        typeof(UploadEvent.Reinstated), typeof(FilesEvent.Renamed), typeof(FilesEvent.Moved), typeof(FilesEvent.HandedOver),
        typeof(FoldersEvent.HandedOver), typeof(DeleteEvent.Trashed),
        typeof(DeleteEvent.TrashedWith), typeof(DeleteEvent.Restored), typeof(DeleteEvent.Requested),
        typeof(VersionEvent.Labelled), typeof(VersionEvent.Unlabelled), typeof(VersionEvent.Deleted), typeof(HoldEvent.Placed), typeof(HoldEvent.Lifted),
        typeof(RetentionEvent.Ruled), typeof(RetentionEvent.Unruled),
    ];

    private readonly Dictionary<FolderId, FolderId> parents = [];
    private readonly Dictionary<FileId, SimulatedFile> files = [];
    private readonly Dictionary<HoldId, (AccountId Owner, Guid Target)> holds = [];
    private readonly List<WouldDelete> deleted = [];
    private RetentionRules rules = new(ImmutableDictionary<FolderId, RetentionRule>.Empty.Add(folder, rule));

    public void Hear(RecordedEvent happened)
    {
        switch (happened.Fact)
        {
            case FoldersEvent.Created created:
                parents[created.Folder] = created.Parent;
                break;
            case FoldersEvent.Moved moved:
                ForAll(happened.At, () => parents[moved.Folder] = moved.Parent);
                break;
            case FoldersEvent.Restored restored:
                ForAll(happened.At, () => parents[restored.Folder] = restored.Parent);
                break;
            case HoldEvent.Placed placed:
                ForAll(happened.At, () => holds[placed.Hold] = (happened.Stream.Tenant, placed.Target));
                break;
            case HoldEvent.Lifted lifted:
                ForAll(happened.At, () => holds.Remove(lifted.Hold));
                break;
            case RetentionEvent.Ruled ruled when ruled.Folder != folder:
                ForAll(happened.At, () => rules = new RetentionRules(rules.ByFolder.SetItem(ruled.Folder, RetentionRule.Of(ruled))));
                break;
            case RetentionEvent.Unruled unruled when unruled.Folder != folder:
                ForAll(happened.At, () => rules = new RetentionRules(rules.ByFolder.Remove(unruled.Folder)));
                break;
            case UploadEvent.Completed whole:
                For(whole.File, happened, file =>
                {
                    if (whole.Version == 1)
                        file.Folder = whole.Folder;
                    file.Made(whole.Version, happened.At, whole.SizeBytes, whole.StoredAs);
                });
                break;
            case UploadEvent.Reinstated again:
                For(again.File, happened, file => file.Made(again.Version, happened.At, again.SizeBytes, again.StoredAs));
                break;
            case FilesEvent.Renamed renamed:
                For(renamed.File, happened, file => file.Folder = renamed.Folder);
                break;
            case FilesEvent.Moved moved:
                For(moved.File, happened, file => file.Folder = moved.Folder);
                break;
            case FilesEvent.HandedOver handed:
                For(handed.File, happened, file => (file.Folder, file.Owner) = (handed.Folder, handed.To));
                break;
            case FoldersEvent.HandedOver handed:
                ForAll(happened.At, () => parents[handed.Folder] = handed.Parent);
                break;
            case DeleteEvent.Trashed trashed:
                For(trashed.File, happened, file => file.TrashedAt = happened.At, isUse: false);
                break;
            case DeleteEvent.TrashedWith trashed:
                For(trashed.File, happened, file => file.TrashedAt = happened.At, isUse: false);
                break;
            case DeleteEvent.Restored restored:
                For(restored.File, happened, file => (file.TrashedAt, file.Folder, file.FreeSince) = (null, restored.Folder, happened.At));
                break;
            case DeleteEvent.Requested requested:
                For(requested.File, happened, file => file.IsGone = true, isUse: false);
                break;
            case VersionEvent.Labelled labelled:
                For(labelled.File, happened, file => file.Labels.Add(labelled.Version));
                break;
            case VersionEvent.Unlabelled unlabelled:
                For(unlabelled.File, happened, file => file.Labels.Remove(unlabelled.Version));
                break;
            case VersionEvent.Deleted gone:
                For(gone.File, happened, file => file.Versions.Remove(gone.Version), isUse: false);
                break;
        }
    }

    /// <summary>All that would have been deleted by then, in the order of time.</summary>
    public IReadOnlyList<WouldDelete> Until(DateTimeOffset end)
    {
        foreach (var (id, file) in files)
            Settle(id, file, end);
        return [.. deleted.OrderBy(one => one.At).ThenBy(one => one.File.Value).ThenBy(one => one.Version)];
    }

    private void For(FileId id, RecordedEvent happened, Action<SimulatedFile> change, bool isUse = true)
    {
        if (!files.TryGetValue(id, out var file))
            files.Add(id, file = new SimulatedFile { Owner = happened.Stream.Tenant, FreeSince = happened.At });
        Settle(id, file, happened.At);
        if (isUse && file.WouldBeGone is { } at)
            deleted[at] = deleted[at] with { ChangedLater = true };
        var former = RuleOf(id, file);
        change(file);
        if (RuleOf(id, file) != former)
            file.FreeSince = happened.At;
    }

    // Of all files it may change whether the rule applies to them.
    private void ForAll(DateTimeOffset at, Action change)
    {
        var former = new Dictionary<FileId, RetentionRule?>();
        foreach (var (id, file) in files)
        {
            Settle(id, file, at);
            former.Add(id, RuleOf(id, file));
        }

        change();
        foreach (var (id, file) in files.Where(one => former[one.Key] != RuleOf(one.Key, one.Value)))
            file.FreeSince = at;
    }

    // What was due before that, while nothing changed.
    private void Settle(FileId id, SimulatedFile file, DateTimeOffset now)
    {
        if (file.WouldBeGone is not null || file.Versions.Count == 0 || RuleOf(id, file) is not { } applies)
            return;
        var age = file.Age();
        var due = file.TrashedAt is not { } trashedAt ? applies.DeletesAt(age)
            : applies.EmptyTrashAfterDays is { } days ? Later(trashedAt.AddDays(days), applies.KeepsUntil(age) ?? trashedAt)
            : null;
        var isDue = due is { } then && Later(then, file.FreeSince) <= now;
        var at = isDue ? Later(due!.Value, file.FreeSince) : now;
        if (file.TrashedAt is null)
            SettleVersions(id, file, applies, at);
        if (!isDue)
            return;
        file.WouldBeGone = deleted.Count;
        deleted.Add(new WouldDelete(at, id, null, file.Bytes(), false));
    }

    private void SettleVersions(FileId id, SimulatedFile file, RetentionRule applies, DateTimeOffset now)
    {
        var age = file.Age();
        var newest = age.Versions.OrderByDescending(version => version.Number).ToList();
        foreach (var version in applies.Superfluous(age, now).ToList())
        {
            // It was superfluous from when it fell out of the newest, or was old enough.
            var pushedOut = newest[newest.FindIndex(one => one.Number == version.Number) - Math.Max(1, applies.KeepVersions ?? 1)].CreatedAt;
            var youngDays = Math.Max(applies.KeepVersionDays ?? 0, applies.KeepAtLeastDays ?? 0);
            var at = Later(Later(pushedOut, version.CreatedAt.AddDays(youngDays)), file.FreeSince);
            deleted.Add(new WouldDelete(at, id, version.Number, file.OwnBytes(version.Number), false));
            file.Versions.Remove(version.Number);
        }
    }

    // What the simulated rule does with the file, with what other folders say of how long it stays at least; null while it
    // does nothing.
    private RetentionRule? RuleOf(FileId id, SimulatedFile file)
    {
        FolderId[] above = [.. Above(file.Folder)];
        if (file.IsGone || !above.Contains(folder) || holds.Values.Any(hold => hold.Target == id.Value
            || (hold.Owner == file.Owner && (hold.Target == file.Owner.Value || above.Any(one => one.Value == hold.Target)))))
            return null;
        var nearer = rules.For(above.TakeWhile(one => one != folder));
        var all = rules.For(above);
        return all with
        {
            DeleteAfterDays = nearer.IsTimed || !rule.IsTimed ? null : all.DeleteAfterDays,
            KeepVersions = nearer.IsOfVersions || !rule.IsOfVersions ? null : all.KeepVersions,
            KeepVersionDays = nearer.IsOfVersions || !rule.IsOfVersions ? null : all.KeepVersionDays,
            EmptyTrashAfterDays = nearer.EmptyTrashAfterDays is not null ? null : rule.EmptyTrashAfterDays,
        };
    }

    private IEnumerable<FolderId> Above(FolderId at)
    {
        yield return at;
        for (var steps = 0; parents.TryGetValue(at, out var parent) && steps < 200; steps++)
            yield return at = parent;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed class SimulatedFile
    {
        public required AccountId Owner { get; set; }

        public FolderId Folder { get; set; }

        /// <summary>Since when it lies in the trash.</summary>
        public DateTimeOffset? TrashedAt { get; set; }

        public bool IsGone { get; set; }

        /// <summary>Since when the same has applied to it without a break.</summary>
        public DateTimeOffset FreeSince { get; set; }

        /// <summary>Where it stands among what would have been deleted.</summary>
        public int? WouldBeGone { get; set; }

        public DateTimeOffset CreatedAt { get; private set; } = DateTimeOffset.MaxValue;

        public SortedDictionary<int, (DateTimeOffset At, long Bytes, ObjectKey StoredAs)> Versions { get; } = [];

        public HashSet<int> Labels { get; } = [];

        public void Made(int version, DateTimeOffset at, long bytes, ObjectKey storedAs)
        {
            Versions[version] = (at, bytes, storedAs);
            CreatedAt = at < CreatedAt ? at : CreatedAt;
        }

        public FileAge Age() => new(
            CreatedAt, [.. Versions.Select(one => new VersionAge(one.Key, one.Value.At, Labels.Contains(one.Key)))]);

        public long Bytes() => Versions.Values.DistinctBy(one => one.StoredAs).Sum(one => one.Bytes);

        public long OwnBytes(int version) =>
            Versions.Any(one => one.Key != version && one.Value.StoredAs == Versions[version].StoredAs) ? 0 : Versions[version].Bytes;
    }
}
