using System.Collections.Immutable;

namespace EventFiles.Features.Process;

public abstract record ProcessCommand
{
    private ProcessCommand() { }

    public sealed record Plan(
        FileId File, int Version, ObjectKey StoredAs, string ContentType, ImmutableArray<PlannedStep> Steps) : ProcessCommand
    {
        /// <summary>What of the steps' options is personal, by job.</summary>
        public ImmutableDictionary<JobId, string> Personal { get; init; } = ImmutableDictionary<JobId, string>.Empty;

        /// <summary>What was made is made once more; what is under way is left alone.</summary>
        public bool IsRerun { get; init; }

        /// <summary>Of how many variants there may be in all, those that readers have made by looking at them.</summary>
        public int? MostOfItsProcessor { get; init; }
    }

    public sealed record StartStep(FileId File, JobId Job) : ProcessCommand
    {
        /// <summary>Who would do it, by an id that each start of the program makes anew.</summary>
        public Guid Worker { get; init; }

        /// <summary>Whether the worker that began the last attempt is alive and may be at it.</summary>
        public bool IsHeld { get; init; }
    }

    public sealed record SucceedStep(FileId File, JobId Job, string ProcessorVersion, MadeVariant Made) : ProcessCommand;

    /// <summary>The attempt failed for a reason that may pass.</summary>
    /// <param name="Attempt">The attempt that failed; a report on an earlier one changes nothing.</param>
    public sealed record DelayStep(FileId File, JobId Job, int Attempt, string Reason) : ProcessCommand;

    /// <summary>There was no room for what the attempt made: it was no attempt, and another follows when there may be some.</summary>
    /// <param name="Attempt">The attempt that found none; a report on an earlier one changes nothing.</param>
    public sealed record WaitForRoom(FileId File, JobId Job, int Attempt) : ProcessCommand;

    public sealed record FailStep(FileId File, JobId Job, string Code, string Detail) : ProcessCommand;

    public sealed record Cancel(FileId File) : ProcessCommand;

    /// <summary>What has not ended of one version fails.</summary>
    public sealed record CancelVersion(FileId File, int Version) : ProcessCommand;
}
