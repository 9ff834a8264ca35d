using System.Runtime.CompilerServices;
using AccountsEvent = EventFiles.Features.Accounts.AccountsEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using QuotaEvent = EventFiles.Features.Quota.QuotaEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Delete;

/// <summary>Goes through the log in pages, one of which is in memory, with the streams that tell what became of its objects.</summary>
internal sealed class LoggedObjects(IStreams streams, IAllowance allowance) : ILoggedObjects
{
    private const int PageSize = 250;

    /// <summary>The facts each of which tells of objects that are there.</summary>
    public static readonly Type[] Facts =
    [
        typeof(UploadEvent.Completed), typeof(UploadEvent.HandedOver), typeof(ProcessEvent.StepSucceeded), typeof(AccountsEvent.AvatarChanged),
    ];

    /// <inheritdoc/>
    public async IAsyncEnumerable<LoggedObject> Upto(long position, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Of an object that several files have each tells; the first that is there speaks for it.
        var shared = await streams.ReadAll([typeof(QuotaEvent.Shared)], cancel)
            .Select(happened => ObjectKey.Raw(((QuotaEvent.Shared)happened.Fact).Stored)).ToHashSetAsync(cancellationToken: cancel);
        var spoken = new HashSet<ObjectKey>();
        var told = streams.ReadAll(Facts, cancel)
            .TakeWhile(happened => happened.Position <= position)
            .SelectMany(happened => Told(happened).ToAsyncEnumerable());
        await foreach (var page in told.Chunk(PageSize).WithCancellation(cancel))
        {
            var fates = await FatesOf(page, cancel);
            foreach (var one in page)
            {
                if (!fates.IsGone(one, position) && (fates.LastMade(one.Key, position) ?? one.Position) == one.Position
                    && (!shared.Contains(one.Key) || spoken.Add(one.Key)))
                    yield return one;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> HasChanged(LoggedObject told, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(told);
        var fates = await FatesOf([told], cancel);
        return (fates.IsGone(told, long.MaxValue) && !await HasOthers(told, cancel))
            || fates.IsBeingMade(told.Key)
            || (fates.LastMade(told.Key, long.MaxValue) is { } last && last != told.Position);
    }

    // Asked with no upload of the file: it is its own no more.
    private Task<bool> HasOthers(LoggedObject told, CancellationToken cancel) =>
        allowance.IsNeeded(told.Owner, told.Key, told.File, default, cancel);

    private static IEnumerable<LoggedObject> Told(RecordedEvent happened) => happened.Fact switch
    {
        UploadEvent.Completed whole => [Of(happened, whole.File, whole.StoredAs, whole.SizeBytes, whole.Sha256)],
        UploadEvent.HandedOver handed => handed.Versions.DistinctBy(one => one.Upload)
            .Select(one => Of(happened, handed.File, one.StoredAs, one.SizeBytes, one.Sha256)),
        ProcessEvent.StepSucceeded { File: var of, Made: var made } => [Of(happened, of, made.StoredAs, made.SizeBytes, null)],
        AccountsEvent.AvatarChanged changed =>
            [Of(happened, default, ObjectKey.Avatar(changed.Account, changed.Avatar), changed.SizeBytes, changed.Sha256)],
        _ => [],
    };

    private static LoggedObject Of(RecordedEvent happened, FileId file, ObjectKey storedAs, long sizeBytes, string? sha256) =>
        new(happened.Position, file, storedAs, sizeBytes, sha256 == PersonalAttribute.Erased ? null : sha256)
        {
            Owner = happened.Stream.Tenant,
            Event = NamedEvent.Of(happened),
        };

    private async Task<Fates> FatesOf(IReadOnlyCollection<LoggedObject> page, CancellationToken cancel)
    {
        string[] names =
        [
            .. page.SelectMany(one => one.Key.AsAvatar() is null ? ObjectLedger.StreamsOf(one.File) : ObjectLedger.StreamsOf(one.Key))
                .Distinct(StringComparer.Ordinal),
            .. page.Where(one => one.Key.AsVariant() is not null).Select(one => $"process-{one.File}").Distinct(StringComparer.Ordinal),
        ];
        var fates = new Fates();
        await foreach (var happened in streams.ReadMerged(names, cancel))
            fates.Hear(happened);
        return fates;
    }

    /// <summary>What became of the files of a page, and of what was made of them.</summary>
    private sealed class Fates
    {
        private readonly Dictionary<FileId, long> gone = [];
        private readonly Dictionary<FileId, List<(long Position, HashSet<ObjectKey> Kept)>> handed = [];
        private readonly Dictionary<(FileId File, int Version), long> dropped = [];
        private readonly Dictionary<(FileId File, ObjectKey Key), HashSet<int>> versions = [];
        private readonly Dictionary<ObjectKey, List<long>> made = [];
        private readonly Dictionary<JobId, ObjectKey> open = [];
        private readonly AvatarsInUse avatars = new();

        public void Hear(RecordedEvent happened)
        {
            avatars.Hear(happened);
            switch (happened.Fact)
            {
                case DeleteEvent.Requested requested:
                    gone.TryAdd(requested.File, happened.Position);
                    break;
                case VersionEvent.Deleted deleted:
                    dropped.TryAdd((deleted.File, deleted.Version), happened.Position);
                    break;
                case UploadEvent.Completed whole:
                    VersionsOf(whole.File, whole.StoredAs).Add(whole.Version);
                    break;
                case UploadEvent.HandedOver over:
                    if (!handed.TryGetValue(over.File, out var overs))
                        handed.Add(over.File, overs = []);
                    overs.Add((happened.Position, [.. over.Versions.Select(one => one.StoredAs)]));
                    foreach (var one in over.Versions)
                        VersionsOf(over.File, one.StoredAs).Add(one.Version);
                    break;
                case UploadEvent.Reinstated again:
                    VersionsOf(again.File, again.StoredAs).Add(again.Version);
                    break;
                case ProcessEvent.Planned planned:
                    foreach (var step in planned.Steps)
                        open[step.Job] = ObjectKey.Variant(planned.File, planned.Version, step.Variant);
                    break;
                case ProcessEvent.StepFailed failed:
                    open.Remove(failed.Job);
                    break;
                case ProcessEvent.StepSucceeded step:
                    open.Remove(step.Job);
                    if (!made.TryGetValue(step.Made.StoredAs, out var times))
                        made.Add(step.Made.StoredAs, times = []);
                    times.Add(happened.Position);
                    break;
            }
        }

        /// <summary>The file was deleted for good by then, or every version that ever had the object was.</summary>
        public bool IsGone(LoggedObject one, long by)
        {
            if (one.Key.AsAvatar() is { } avatar)
                return avatars.Ended(avatar.Avatar) is { } ended && ended.Position <= by;
            if (gone.TryGetValue(one.File, out var at) && at <= by)
                return true;
            // The file went to somebody else, who has bytes of their own.
            if (one.Key.AsRaw() is not null && handed.TryGetValue(one.File, out var overs)
                && overs.Exists(over => over.Position > one.Position && over.Position <= by && !over.Kept.Contains(one.Key)))
                return true;
            return one.Key.AsVariant() is { } variant
                ? IsDropped(variant.File, variant.Version)
                : VersionsOf(one.File, one.Key) is { Count: > 0 } all && all.All(version => IsDropped(one.File, version));

            bool IsDropped(FileId file, int version) => dropped.TryGetValue((file, version), out var then) && then <= by;
        }

        public bool IsBeingMade(ObjectKey key) => open.ContainsValue(key);

        private HashSet<int> VersionsOf(FileId file, ObjectKey key)
        {
            if (!versions.TryGetValue((file, key), out var all))
                versions.Add((file, key), all = []);
            return all;
        }

        /// <summary>Null for what is not made but came.</summary>
        public long? LastMade(ObjectKey key, long by) =>
            made.TryGetValue(key, out var times) ? times.Where(at => at <= by).Max(at => (long?)at) : null;
    }
}
