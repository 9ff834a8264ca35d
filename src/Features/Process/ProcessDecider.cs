using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Process.ProcessCommand;
using static EventFiles.Features.Process.ProcessEvent;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>All that was ever to be done with a file's versions.</summary>
public sealed record ProcessState(bool IsCancelled, ImmutableDictionary<JobId, StepState> Steps)
{
    public StepState? Step(JobId job) => Steps.GetValueOrDefault(job);

    /// <summary>The step that makes, or made last, this variant; a failed one does not count.</summary>
    public StepState? StepFor(int version, string variant) =>
        Of(version, variant).Where(step => step.Status is not StepStatus.Failed).MaxBy(step => step.Number);

    /// <summary>The last step that was to make this variant, whatever became of it.</summary>
    public StepState? LastFor(int version, string variant) => Of(version, variant).MaxBy(step => step.Number);

    /// <summary>The last step for each variant of a version, in the order in which they were planned.</summary>
    public IEnumerable<StepState> LastOf(int version) => Steps.Values.Where(step => step.Version == version)
        .GroupBy(step => step.Plan.Variant, StringComparer.Ordinal).Select(all => all.MaxBy(step => step.Number)!)
        .OrderBy(step => step.Number);

    public int VariantsOf(int version) => Steps.Values.Where(step => step.Version == version)
        .Select(step => step.Plan.Variant).Distinct(StringComparer.Ordinal).Count();

    /// <summary>The same of one processor.</summary>
    public int VariantsOf(int version, string processor) => Steps.Values.Where(step => step.Version == version)
        .Where(step => string.Equals(step.Plan.Processor, processor, StringComparison.Ordinal))
        .Select(step => step.Plan.Variant).Distinct(StringComparer.Ordinal).Count();

    private IEnumerable<StepState> Of(int version, string variant) => Steps.Values.Where(step =>
        step.Version == version && string.Equals(step.Plan.Variant, variant, StringComparison.Ordinal));
}

/// <summary>How far one step has come.</summary>
/// <param name="Attempt">The last one begun; 0 before the first.</param>
/// <param name="Due">When a running attempt counts as dead, or a delayed one may begin.</param>
public sealed record StepState(
    PlannedStep Plan, int Version, ObjectKey StoredAs, string ContentType, StepStatus Status, int Attempt, DateTimeOffset Due)
{
    /// <summary>Who runs it, while it runs.</summary>
    public Guid Worker { get; init; }

    /// <summary>Grows with every step of the file.</summary>
    public int Number { get; init; }

    /// <summary>Some of its options are personal. They are in the log alone: states are kept beside it.</summary>
    public bool IsInstructed { get; init; }

    /// <summary>The version of the processor that made it; null while nothing is made.</summary>
    public string? MadeBy { get; init; }

    /// <summary>Its version was deleted: what it makes all the same goes.</summary>
    public bool IsOfDeletedVersion { get; init; }

    public bool HasEnded => Status is StepStatus.Succeeded or StepStatus.Failed;
}

public static class ProcessDecider
{
    /// <summary>After so many attempts a step has failed.</summary>
    public const int MaxAttempts = 5;

    /// <summary>How many different variants of one version there may be: their space is not charged to anybody.</summary>
    public const int MaxVariants = 64;

    /// <summary>What an attempt may take, waiting for a free child included.</summary>
    public static readonly TimeSpan AttemptLimit = TimeSpan.FromMinutes(5);

    public static readonly Decider<ProcessCommand, ProcessState, ProcessEvent> Decider = new(
        new ProcessState(false, ImmutableDictionary<JobId, StepState>.Empty), Evolve, Decide)
    {
        Snapshots = new("process", 3),
    };

    /// <summary>How long whoever found a disk full waits before it looks again.</summary>
    public static readonly TimeSpan RoomAfter = TimeSpan.FromSeconds(30);

    /// <summary>One stream for all versions of a file.</summary>
    public static StreamId StreamOf(AccountId owner, FileId file) => new($"process-{file}", owner);

    /// <summary>How long to wait after a failed attempt: 5 s, then 4 times as long each time.</summary>
    public static TimeSpan Backoff(int attempt) => TimeSpan.FromSeconds(5 * Math.Pow(4, attempt - 1));

    // Read from the top: the first row that matches is the rule.
    private static Decision<ProcessEvent> Decide(ProcessState file, ProcessCommand ask, DateTimeOffset now) => ask switch
    {
        Cancel when file.IsCancelled => Decision<ProcessEvent>.AlreadySo,
        Cancel cancel => new Cancelled(cancel.File),
        CancelVersion when file.IsCancelled => Decision<ProcessEvent>.AlreadySo,
        _ when file.IsCancelled => No.Cancelled,

        CancelVersion cancel => (ProcessEvent[])
        [
            .. file.Steps.Where(step => step.Value.Version == cancel.Version && !step.Value.HasEnded)
                .OrderBy(step => step.Key.Value)
                .Select(step => new StepFailed(cancel.File, step.Key, "version-deleted", "The version is deleted.")),
        ],

        // One variant is made one way at a time.
        Plan plan when plan.Steps.Any(step => file.StepFor(plan.Version, step.Variant) is { HasEnded: false } other
            && !IsTheSame(other, plan, step)) => No.Running,
        Plan plan when NewSteps(file, plan).IsEmpty => Decision<ProcessEvent>.AlreadySo,
        Plan plan when file.VariantsOf(plan.Version) + NewNames(file, plan) > MaxVariants => No.TooManyVariants,
        Plan { MostOfItsProcessor: { } most } plan when NewNames(file, plan) > 0
            && file.VariantsOf(plan.Version, plan.Steps[0].Processor) >= most => No.TooManyVariants,
        Plan plan => (ProcessEvent[])
        [
            new Planned(plan.File, plan.Version, plan.StoredAs, plan.ContentType, NewSteps(file, plan)),
            .. NewSteps(file, plan).Where(step => plan.Personal.ContainsKey(step.Job))
                .Select(step => new Instructed(plan.File, step.Job, plan.Personal[step.Job])),
        ],

        StartStep start => file.Step(start.Job) switch
        {
            null => No.NoSuchJob,
            { HasEnded: true } => No.Ended,
            // As long as its worker lives the step is its own, until the deadline. What a dead one had is anybody's at once.
            { Status: StepStatus.Running } step when now < step.Due && start.IsHeld => No.Running,
            { Status: StepStatus.Delayed } step when now < step.Due => No.NotYet,
            { Status: StepStatus.Running, Attempt: >= MaxAttempts } => new StepFailed(
                start.File, start.Job, "timed-out", "It never came to an end."),
            var step => new StepStarted(start.File, start.Job, step.Attempt + 1, now + AttemptLimit)
            {
                Worker = start.Worker,
            },
        },

        // A success counts however late it comes: the variant is there. Only a failure that stands is not undone.
        SucceedStep done => file.Step(done.Job) switch
        {
            null => No.NoSuchJob,
            { Status: StepStatus.Succeeded } => Decision<ProcessEvent>.AlreadySo,
            { Status: StepStatus.Failed } => No.Ended,
            _ => new StepSucceeded(done.File, done.Job, done.ProcessorVersion, done.Made),
        },

        DelayStep delay => file.Step(delay.Job) switch
        {
            null => No.NoSuchJob,
            { Status: not StepStatus.Running } => Decision<ProcessEvent>.AlreadySo,
            var step when step.Attempt != delay.Attempt => Decision<ProcessEvent>.AlreadySo,
            { Attempt: >= MaxAttempts } => new StepFailed(delay.File, delay.Job, "gave-up", delay.Reason),
            var step => new StepDelayed(delay.File, delay.Job, step.Attempt, delay.Reason, now + Backoff(step.Attempt)),
        },

        // However long a disk is full, nothing fails of it.
        WaitForRoom wait => file.Step(wait.Job) switch
        {
            null => No.NoSuchJob,
            { Status: StepStatus.Running } step when step.Attempt == wait.Attempt => new StepDelayed(
                wait.File, wait.Job, step.Attempt - 1, "There is no room for what is made of it.", now + RoomAfter),
            _ => Decision<ProcessEvent>.AlreadySo,
        },

        FailStep fail => file.Step(fail.Job) switch
        {
            null => No.NoSuchJob,
            { HasEnded: true } => Decision<ProcessEvent>.AlreadySo,
            _ => new StepFailed(fail.File, fail.Job, fail.Code, fail.Detail),
        },

        _ => throw new UnreachableException(),
    };

    // What is being made or was made is not made again: a version's bytes never change. Unless it would be something else
    // today, by other options or another version of the processor.
    private static ImmutableArray<PlannedStep> NewSteps(ProcessState file, Plan plan) =>
        [.. plan.Steps.Where(step => file.StepFor(plan.Version, step.Variant) switch
        {
            null => true,
            { HasEnded: false } => false,
            var made => plan.IsRerun || !IsTheSame(made, plan, step) || (step.ProcessorVersion ?? made.MadeBy) != made.MadeBy,
        })];

    // What is personal is not known here, so it is taken for something else.
    private static bool IsTheSame(StepState known, Plan plan, PlannedStep step) =>
        known.Plan.IsLike(step) && !known.IsInstructed && !plan.Personal.ContainsKey(step.Job);

    private static int NewNames(ProcessState file, Plan plan) =>
        NewSteps(file, plan).Count(step => file.LastFor(plan.Version, step.Variant) is null);

    private static ProcessState Evolve(ProcessState file, ProcessEvent happened) => happened switch
    {
        Planned planned => file with
        {
            Steps = file.Steps.SetItems(planned.Steps.Select((step, place) => KeyValuePair.Create(step.Job, new StepState(
                step, planned.Version, planned.StoredAs, planned.ContentType, StepStatus.Queued, 0, DateTimeOffset.MinValue)
            {
                Number = file.Steps.Count + place,
            }))),
        },
        Instructed instructed => With(file, instructed.Job, step => step with { IsInstructed = true }),
        StepStarted started => With(file, started.Job, step => step with
        {
            Status = StepStatus.Running,
            Attempt = started.Attempt,
            Due = started.Deadline,
            Worker = started.Worker,
        }),
        StepDelayed delayed => With(file, delayed.Job, step => step with
        {
            Status = StepStatus.Delayed,
            Attempt = delayed.Attempt,
            Due = delayed.NotBefore,
        }),
        StepSucceeded succeeded => With(file, succeeded.Job, step => step with
        {
            Status = StepStatus.Succeeded,
            MadeBy = succeeded.ProcessorVersion,
        }),
        StepFailed failed => With(file, failed.Job, step => step with
        {
            Status = StepStatus.Failed,
            IsOfDeletedVersion = failed.Code is "version-deleted",
        }),
        Cancelled => file with { IsCancelled = true },
        _ => throw new UnreachableException(),
    };

    private static ProcessState With(ProcessState file, JobId job, Func<StepState, StepState> change) =>
        file with { Steps = file.Steps.SetItem(job, change(file.Steps[job])) };
}

public static class ProcessRejection
{
    public static readonly Rejection Cancelled = new(
        "process.cancelled", RejectionKind.Conflict, "The file is going away: nothing more is done with it.");

    public static readonly Rejection NoSuchJob = new("process.no-such-job", RejectionKind.Missing, "There is no such job.");

    public static readonly Rejection Ended = new("process.ended", RejectionKind.Conflict, "The job has ended.");

    public static readonly Rejection Running = new("process.running", RejectionKind.Conflict, "The job is running.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    /// <summary>To the queue: it is looked at again, and this was no try.</summary>
    public static readonly Rejection NoRoom = new(
        "process.no-room", RejectionKind.Conflict, "There is no room for what would be made.");

    public static readonly Rejection NotYet = new(
        "process.not-yet", RejectionKind.Conflict, "The job's next attempt begins later.");

    public static readonly Rejection TooManyVariants = new(
        "process.too-many-variants", RejectionKind.Conflict, "This version of the file has as many variants as there may be.");

    public static readonly Rejection NoSuchProcessor = new(
        "process.no-such-processor", RejectionKind.Invalid, "There is no processor of that name.");

    public static readonly Rejection BadOptions = new(
        "process.bad-options", RejectionKind.Invalid, "Some options are not what the processor takes.");

    /// <summary>Nobody can tell which.</summary>
    public static readonly Rejection NoSuchMark = new(
        "process.no-such-mark", RejectionKind.Invalid,
        "There is no such picture to lay over it, or it is not one that both you and the owner of the file may read.");

    public static readonly Rejection MarkIsNoPicture = new(
        "process.mark-is-no-picture", RejectionKind.Invalid, "What is to be laid over it is not a picture of a type that is read here.");

    public static readonly Rejection MarkTooLarge = new(
        "process.mark-too-large", RejectionKind.Invalid, "The picture that is to be laid over it has more than 8 MiB.");

    public static readonly Rejection NotForThisType = new(
        "process.not-for-this-type", RejectionKind.Invalid, "The processor does not work on files of this type.");

    public static readonly Rejection ToolMissing = new(
        "process.tool-missing", RejectionKind.Invalid, "A program that the processor needs for this type is not installed on this server.");

    public static readonly Rejection AdministratorsOnly = new(
        "process.administrators-only", RejectionKind.Forbidden, "Only an administrator has the files of others made anew.");

    public static readonly Rejection CannotRender = new(
        "process.cannot-render", RejectionKind.Invalid, "No such picture can be made of this file.");

    public static readonly Rejection TooManyRenditions = new(
        "process.too-many-renditions", RejectionKind.Busy, "Too many new pictures of this account's files are wanted at once.");

    public static readonly Rejection RenditionUnderWay = new(
        "process.rendition-under-way", RejectionKind.Away, "The picture is being made: ask again.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Rejection NoSuchRendition = new(
        "process.no-such-rendition", RejectionKind.Missing, "The address leads nowhere, or no longer.");

    public static readonly Rejection NotReady = new(
        "process.file-not-ready", RejectionKind.Conflict, "Only a complete file that is not in the trash is processed.");
}
