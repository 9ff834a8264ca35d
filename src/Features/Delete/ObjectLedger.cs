using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Delete;

/// <summary>What is to be thought of an object.</summary>
internal enum Standing
{
    /// <summary>What was heard tells nothing of it.</summary>
    Unknown,

    /// <summary>It belongs to something that is there, or that is still coming.</summary>
    Kept,

    /// <summary>It belonged to something that has ended for good.</summary>
    Over,
}

/// <summary>
/// What the log says of objects, from the events of the streams that tell of them, heard in any order: an upload that
/// ended stays ended, and a file that is deleted for good stays deleted.
/// </summary>
internal sealed class ObjectLedger
{
    private readonly Dictionary<UploadId, Transferred> uploads = [];
    private readonly Dictionary<(FileId File, int Version, string Name), HashSet<JobId>> makers = [];
    private readonly Dictionary<JobId, NamedEvent> failed = [];
    private readonly Dictionary<(FileId File, ObjectKey Key), HashSet<int>> versions = [];
    private readonly Dictionary<FileId, NamedEvent> gone = [];
    private readonly Dictionary<(FileId File, int Version), NamedEvent> dropped = [];
    private readonly Dictionary<(FileId File, ObjectKey Key), long> since = [];
    private readonly Dictionary<FileId, (NamedEvent Event, HashSet<ObjectKey> Kept)> handed = [];
    private readonly AvatarsInUse avatars = new();

    /// <summary>The facts that tell of original bytes.</summary>
    public static IReadOnlyCollection<Type> OfOriginals { get; } =
    [
        typeof(UploadEvent.Begun), typeof(UploadEvent.Completed), typeof(UploadEvent.Redirected),
        typeof(UploadEvent.Assigned), typeof(UploadEvent.Abandoned), typeof(UploadEvent.Reinstated),
        typeof(UploadEvent.PartBegun), typeof(UploadEvent.Consumed), typeof(UploadEvent.HandedOver),
    ];

    /// <summary>The streams that tell of an object, as far as its key leads to them.</summary>
    public static IEnumerable<string> StreamsOf(ObjectKey key) =>
        key.AsRaw() is { } upload ? [$"upload-{upload}", $"delete-{upload}", $"version-{upload}"]
        : key.AsPart() is { } part ? [$"upload-{part.Upload}"]
        : key.AsVariant() is { } variant ? [$"process-{variant.File}", $"delete-{variant.File}", $"version-{variant.File}"]
        : key.AsAvatar() is { } avatar ? [$"account-{avatar.Account}"]
        : [];

    /// <summary>The streams of a file that has the bytes of an upload with another id.</summary>
    public static IEnumerable<string> StreamsOf(FileId file) => [$"upload-{file}", $"delete-{file}", $"version-{file}"];

    /// <summary>The upload of which a fact tells.</summary>
    public static UploadId? UploadOf(object fact) => fact switch
    {
        UploadEvent.Begun begun => begun.Upload,
        UploadEvent.Completed completed => completed.Upload,
        UploadEvent.Redirected redirected => redirected.Upload,
        UploadEvent.Assigned assigned => assigned.Upload,
        UploadEvent.Abandoned abandoned => abandoned.Upload,
        UploadEvent.Reinstated reinstated => reinstated.Upload,
        UploadEvent.PartBegun begun => begun.Upload,
        UploadEvent.Consumed consumed => consumed.Upload,
        _ => null,
    };

    public void Hear(RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        avatars.Hear(happened);
        switch (happened.Fact)
        {
            case UploadEvent.Begun begun:
                Of(begun.Upload).Files.Add(begun.File);
                break;
            case UploadEvent.Redirected redirected:
                Of(redirected.Upload).Files.Add(redirected.Into);
                break;
            case UploadEvent.Assigned assigned:
                Of(assigned.Upload).Files.Add(assigned.File);
                break;
            case UploadEvent.Completed completed:
                Of(completed.Upload).Files.Add(completed.File);
                Of(completed.Upload).Owner = happened.Stream.Tenant;
                // A version may have the same bytes of another upload: then its own are of no use.
                Of(completed.Upload).Ended ??= NamedEvent.Of(happened);
                if (completed.StoredAs == ObjectKey.Raw(completed.Upload))
                    Of(completed.Upload).Became = completed.File;
                VersionsOf(completed.File, completed.StoredAs).Add(completed.Version);
                Had(completed.File, completed.StoredAs, happened.Position);
                break;
            case UploadEvent.Reinstated reinstated:
                VersionsOf(reinstated.File, reinstated.StoredAs).Add(reinstated.Version);
                break;
            case UploadEvent.HandedOver over:
                foreach (var one in over.Versions)
                {
                    var upload = Of(one.Upload);
                    upload.Files.Add(over.File);
                    (upload.Owner, upload.Became) = (over.To, over.File);
                    VersionsOf(over.File, one.StoredAs).Add(one.Version);
                    Had(over.File, one.StoredAs, happened.Position);
                }

                if (!(handed.TryGetValue(over.File, out var known) && known.Event.Position > happened.Position))
                    handed[over.File] = (NamedEvent.Of(happened), [.. over.Versions.Select(one => one.StoredAs)]);
                break;
            case VersionEvent.Deleted deleted:
                dropped.TryAdd((deleted.File, deleted.Version), NamedEvent.Of(happened));
                break;
            case UploadEvent.PartBegun begun:
                Of(begun.Upload);
                break;
            case UploadEvent.Abandoned abandoned:
                Of(abandoned.Upload).Ended ??= NamedEvent.Of(happened);
                break;
            case UploadEvent.Consumed consumed:
                Of(consumed.Upload).Ended ??= NamedEvent.Of(happened);
                break;
            case ProcessEvent.Planned planned:
                foreach (var step in planned.Steps)
                    Of((planned.File, planned.Version, step.Variant)).Add(step.Job);
                break;
            case ProcessEvent.StepFailed step:
                failed.TryAdd(step.Job, NamedEvent.Of(happened));
                break;
            case DeleteEvent.Requested requested:
                gone.TryAdd(requested.File, NamedEvent.Of(happened));
                break;
        }
    }

    /// <summary>The files with other ids to which an object's upload leads.</summary>
    public IEnumerable<FileId> FilesOf(ObjectKey key) =>
        (key.AsRaw() ?? key.AsPart()?.Upload) is { } upload && uploads.TryGetValue(upload, out var known)
            ? known.Files.Where(file => file.Value != upload.Value)
            : [];

    /// <summary>The file is deleted for good, or every version that had the object is.</summary>
    public bool IsGone(FileId file, ObjectKey key) =>
        (key.AsAvatar() is { } avatar && avatars.Ended(avatar.Avatar) is not null)
        || gone.ContainsKey(file)
        || (key.AsVariant() is { } variant && dropped.ContainsKey((variant.File, variant.Version)))
        || Dropped(file, key) is not null
        || Former(file, key) is not null;

    /// <summary>Whose file an upload became a version of.</summary>
    public AccountId OwnerOf(UploadId upload) => uploads.GetValueOrDefault(upload)?.Owner ?? default;

    /// <summary>The file that an upload became, when its object is that file's own.</summary>
    public FileId? FileOf(UploadId upload) => uploads.GetValueOrDefault(upload)?.Became;

    /// <summary>What is to be thought of an object, and of one that is over, which event ended it.</summary>
    // Read from the top: the first row that matches is the rule.
    public (Standing Standing, NamedEvent? Ended) StandingOf(ObjectKey key) => (key.AsRaw(), key.AsVariant()) switch
    {
        ({ } upload, _) => uploads.GetValueOrDefault(upload) switch
        {
            null => (Standing.Unknown, null),
            { Became: { } file } => Unless(gone.GetValueOrDefault(file) ?? Dropped(file, key) ?? Former(file, key)),
            { Ended: var ended } => Unless(ended),
        },
        _ when key.AsAvatar() is { } avatar => avatars.StandingOf(avatar.Avatar),
        _ when key.AsPart() is { } part => uploads.GetValueOrDefault(part.Upload) switch
        {
            null => (Standing.Unknown, null),
            // What became a file has an object of its own.
            { Ended: var ended } => Unless(ended),
        },
        (_, { } variant) when (gone.GetValueOrDefault(variant.File) ?? dropped.GetValueOrDefault((variant.File, variant.Version))) is { } ended =>
            (Standing.Over, ended),
        (_, { } variant) => makers.GetValueOrDefault(variant) switch
        {
            null => (Standing.Unknown, null),
            // A job that comes again makes it anew under the same key.
            var jobs => Unless(Last(jobs, failed)),
        },
        _ => (Standing.Unknown, null),
    };

    private static (Standing, NamedEvent?) Unless(NamedEvent? ended) => (ended is null ? Standing.Kept : Standing.Over, ended);

    // A version can be restored only while it is to be had: once none of those with these bytes is, none ever will be.
    private NamedEvent? Dropped(FileId file, ObjectKey key) =>
        versions.TryGetValue((file, key), out var all) ? Last(all.Select(version => (file, version)), dropped) : null;

    /// <summary>Of these, what ended the last one; null while one goes on.</summary>
    private static NamedEvent? Last<TOne>(IEnumerable<TOne> all, Dictionary<TOne, NamedEvent> ends)
        where TOne : notnull =>
        all.Select(one => ends.GetValueOrDefault(one)).ToList() is { Count: > 0 } told && !told.Contains(null)
            ? told.MaxBy(one => one!.Position)
            : null;

    // It was the file's when that was another's, until it was handed over: the new owner has bytes of their own.
    private NamedEvent? Former(FileId file, ObjectKey key) =>
        handed.TryGetValue(file, out var last) && since.TryGetValue((file, key), out var at) && at < last.Event.Position && !last.Kept.Contains(key)
            ? last.Event
            : null;

    private void Had(FileId file, ObjectKey key, long position) =>
        since[(file, key)] = Math.Max(position, since.GetValueOrDefault((file, key)));

    private HashSet<int> VersionsOf(FileId file, ObjectKey key)
    {
        if (!versions.TryGetValue((file, key), out var all))
            versions.Add((file, key), all = []);
        return all;
    }

    private Transferred Of(UploadId upload)
    {
        if (!uploads.TryGetValue(upload, out var known))
            uploads.Add(upload, known = new Transferred());
        return known;
    }

    private HashSet<JobId> Of((FileId, int, string) variant)
    {
        if (!makers.TryGetValue(variant, out var jobs))
            makers.Add(variant, jobs = []);
        return jobs;
    }

    private sealed class Transferred
    {
        /// <summary>All that it was ever meant for.</summary>
        public HashSet<FileId> Files { get; } = [];

        public FileId? Became { get; set; }

        public AccountId Owner { get; set; }

        /// <summary>The event with which nothing more came to it; what it became may be there for long.</summary>
        public NamedEvent? Ended { get; set; }
    }
}
