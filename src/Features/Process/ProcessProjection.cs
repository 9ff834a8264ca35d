using System.Collections.Immutable;
using static EventFiles.Features.Process.ProcessEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Process;

/// <summary>
/// The jobs of a file of which something is made by itself, or was asked for; none where that lacked a program. Those that
/// ended, of versions long replaced, fall out.
/// </summary>
public sealed record ProcessView(FileId File, AccountId Owner, bool IsCancelled, ImmutableArray<JobView> Jobs)
{
    /// <summary>When something must be looked at, at the latest; null when nothing is to be done any more.</summary>
    public DateTimeOffset? Due => IsCancelled ? null : Open.Min(job => (DateTimeOffset?)job.Due);

    /// <summary>What has not ended.</summary>
    internal IEnumerable<JobView> Open => Jobs.Where(job => job.EndedAt is null);
}

/// <summary>How one job stands.</summary>
/// <param name="Due">When a worker must have taken it, or is to take it, or must have ended it.</param>
public sealed record JobView(
    JobId Id, int Version, string Processor, string Variant, StepStatus Status, int Attempts,
    JobError? Error, DateTimeOffset Due, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    /// <summary>What is set and not personal, as canonical JSON; null where a former program planned it.</summary>
    public string? Options { get; init; }

    /// <summary>The version of the processor that made it; null while nothing is made.</summary>
    public string? MadeBy { get; init; }

    /// <summary>When it last changed its status.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>It is of a type of which it takes long.</summary>
    public bool IsLong { get; init; }
}

internal static class ProcessProjection
{
    /// <summary>The index of files with something to do, by when.</summary>
    public const string Due = "process-due";

    /// <summary>The index of all that are not going away.</summary>
    public const string Files = "process-files";

    /// <summary>A queue that lost a job is found out after so long; one that is merely long gets a second, harmless copy.</summary>
    public static readonly TimeSpan QueueLimit = TimeSpan.FromMinutes(15);

    /// <summary>How many versions back ended jobs can be read.</summary>
    public const int VersionsKept = 10;

    /// <summary>How many ended jobs for one variant can be read.</summary>
    public const int AttemptsKept = 4;

    /// <summary>By file id; found by the id of a job too.</summary>
    public static Projection<ProcessView> Define() => new Projection<ProcessView>("process", version: 5)
        .On<UploadEvent.Completed>(fact => fact.File.ToString(), (view, fact, happened) => Seen(view, fact.File, fact.ContentType, happened))
        .On<UploadEvent.Reinstated>(fact => fact.File.ToString(), (view, fact, happened) => Seen(view, fact.File, fact.ContentType, happened))
        .On<Planned>(fact => fact.File.ToString(), Plan)
        .On<FilesEvent.HandedOver>(fact => fact.File.ToString(), (view, fact, _) => view is null ? null : view with { Owner = fact.To })
        .On<StepStarted>(fact => fact.File.ToString(), (view, fact, happened) => With(view, fact.Job, job => job with
        {
            Status = StepStatus.Running,
            Since = happened.At,
            Attempts = fact.Attempt,
            Due = fact.Deadline,
        }))
        .On<StepDelayed>(fact => fact.File.ToString(), (view, fact, happened) => With(view, fact.Job, job => job with
        {
            Status = StepStatus.Delayed,
            Since = happened.At,
            Due = fact.NotBefore,
            Error = new JobError("unavailable", fact.Reason),
        }))
        .On<StepSucceeded>(fact => fact.File.ToString(), (view, fact, happened) => With(view, fact.Job, job => job with
        {
            Status = StepStatus.Succeeded,
            Since = happened.At,
            MadeBy = fact.ProcessorVersion,
            EndedAt = happened.At,
            Error = null,
        }))
        .On<StepFailed>(fact => fact.File.ToString(), (view, fact, happened) => With(view, fact.Job, job => job with
        {
            Status = StepStatus.Failed,
            Since = happened.At,
            EndedAt = happened.At,
            Error = new JobError(fact.Code, fact.Detail),
        }))
        .On<Cancelled>(fact => fact.File.ToString(), (view, _, _) => view is null ? null : view with { IsCancelled = true })
        .Indexed(Entries);

    /// <summary>The index in which the one view stands that has this job.</summary>
    public static string IndexOf(JobId job) => $"process-job:{job}";

    // What lacked a program when it came is found when there is one. The version of this projection is raised with the types
    // of which something is made, or files of the new ones would be found from then on only.
    private static ProcessView? Seen(ProcessView? view, FileId file, string contentType, RecordedEvent happened) =>
        view is not null || !ProcessorRegistry.Concerns(contentType) ? view : new ProcessView(file, happened.Stream.Tenant, false, []);

    private static ProcessView Plan(ProcessView? view, Planned fact, RecordedEvent happened) => new(
        fact.File, happened.Stream.Tenant, view?.IsCancelled ?? false,
        [
            .. (view?.Jobs ?? []).Where(job => job.EndedAt is null || job.Version > fact.Version - VersionsKept)
                .Where(job => !IsForgotten(view!, job, fact)),
            .. fact.Steps.Select(step => new JobView(
                step.Job, fact.Version, step.Processor, step.Variant, StepStatus.Queued, 0,
                null, happened.At + QueueLimit, happened.At, null)
            {
                Options = step.Options,
                Since = happened.At,
                IsLong = ProcessorRegistry.IsLong(fact.ContentType),
            }),
        ]);

    // However often one thing is made anew, the last attempts can be read, and no more.
    private static bool IsForgotten(ProcessView view, JobView job, Planned fact) => job.EndedAt is not null
        && job.Version == fact.Version
        && fact.Steps.Any(step => step.Variant == job.Variant)
        // The last one that succeeded made what is there.
        && (job.Status is not StepStatus.Succeeded || view.Jobs.Any(other => other.Version == job.Version
            && other.Variant == job.Variant && other.Status is StepStatus.Succeeded && other.CreatedAt > job.CreatedAt))
        && view.Jobs.Count(other => other.Version == job.Version && other.Variant == job.Variant && other.CreatedAt > job.CreatedAt)
            >= AttemptsKept;

    private static ProcessView? With(ProcessView? view, JobId id, Func<JobView, JobView> change) => view is null ? null : view with
    {
        Jobs = [.. view.Jobs.Select(job => job.Id == id ? change(job) : job)],
    };

    private static IEnumerable<IndexEntry> Entries(ProcessView view) =>
    [
        .. view.Jobs.Select(job => new IndexEntry(IndexOf(job.Id), "")),
        .. view.Due is { } due ? (IndexEntry[])[new IndexEntry(Due, IndexEntry.Time(due))] : [],
        .. view.IsCancelled ? (IndexEntry[])[] : [new IndexEntry(Files, "")],
    ];
}
