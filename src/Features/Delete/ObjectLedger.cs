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
    private readonly HashSet<JobId> failed = [];
    private readonly HashSet<FileId> gone = [];
    private readonly HashSet<(FileId File, int Version)> dropped = [];

    /// <summary>The facts that tell of original bytes.</summary>
    public static IReadOnlyCollection<Type> OfOriginals { get; } =
    [
        typeof(UploadEvent.Begun), typeof(UploadEvent.Completed), typeof(UploadEvent.Redirected),
        typeof(UploadEvent.Assigned), typeof(UploadEvent.Abandoned), typeof(UploadEvent.Reinstated),
        typeof(UploadEvent.PartBegun), typeof(UploadEvent.Consumed),
    ];

    /// <summary>The streams that tell of an object, as far as its key leads to them.</summary>
    public static IEnumerable<string> StreamsOf(ObjectKey key) =>
        key.AsRaw() is { } upload ? [$"upload-{upload}", $"delete-{upload}", $"version-{upload}"]
        : key.AsPart() is { } part ? [$"upload-{part.Upload}"]
        : key.AsVariant() is { } variant ? [$"process-{variant.File}", $"delete-{variant.File}", $"version-{variant.File}"]
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

    public void Hear(object fact)
    {
        switch (fact)
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
                Of(completed.Upload).Became = completed.File;
                Of(completed.Upload).Versions.Add(completed.Version);
                break;
            case UploadEvent.Reinstated reinstated:
                Of(reinstated.Upload).Versions.Add(reinstated.Version);
                break;
            case VersionEvent.Deleted deleted:
                dropped.Add((deleted.File, deleted.Version));
                break;
            case UploadEvent.PartBegun begun:
                Of(begun.Upload);
                break;
            case UploadEvent.Abandoned abandoned:
                Of(abandoned.Upload).HasEnded = true;
                break;
            case UploadEvent.Consumed consumed:
                Of(consumed.Upload).HasEnded = true;
                break;
            case ProcessEvent.Planned planned:
                foreach (var step in planned.Steps)
                    Of((planned.File, planned.Version, step.Variant)).Add(step.Job);
                break;
            case ProcessEvent.StepFailed step:
                failed.Add(step.Job);
                break;
            case DeleteEvent.Requested requested:
                gone.Add(requested.File);
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
        gone.Contains(file)
        || (key.AsVariant() is { } variant && dropped.Contains((variant.File, variant.Version)))
        || (key.AsRaw() is { } upload && uploads.TryGetValue(upload, out var known) && IsDropped(file, known));

    // Read from the top: the first row that matches is the rule.
    public Standing StandingOf(ObjectKey key) => (key.AsRaw(), key.AsVariant()) switch
    {
        ({ } upload, _) => uploads.GetValueOrDefault(upload) switch
        {
            null => Standing.Unknown,
            { Became: { } file } known => gone.Contains(file) || IsDropped(file, known) ? Standing.Over : Standing.Kept,
            { HasEnded: true } => Standing.Over,
            _ => Standing.Kept,
        },
        _ when key.AsPart() is { } part => uploads.GetValueOrDefault(part.Upload) switch
        {
            null => Standing.Unknown,
            // What became a file has an object of its own.
            { Became: not null } or { HasEnded: true } => Standing.Over,
            _ => Standing.Kept,
        },
        (_, { } variant) when gone.Contains(variant.File) || dropped.Contains((variant.File, variant.Version)) => Standing.Over,
        (_, { } variant) => makers.GetValueOrDefault(variant) switch
        {
            null => Standing.Unknown,
            // A job that comes again makes it anew under the same key.
            var jobs => jobs.IsSubsetOf(failed) ? Standing.Over : Standing.Kept,
        },
        _ => Standing.Unknown,
    };

    // A version can be restored only while it is to be had: once none of those with these bytes is, none ever will be.
    private bool IsDropped(FileId file, Transferred known) =>
        known.Versions.Count > 0 && known.Versions.All(version => dropped.Contains((file, version)));

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

        /// <summary>Those of that file that have its bytes.</summary>
        public HashSet<int> Versions { get; } = [];

        /// <summary>Without a file of its own.</summary>
        public bool HasEnded { get; set; }
    }
}
