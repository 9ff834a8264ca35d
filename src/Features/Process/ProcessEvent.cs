using System.Collections.Immutable;

namespace EventFiles.Features.Process;

/// <summary>What became of a file's processing. Stored for ever: add cases, never change one.</summary>
public abstract record ProcessEvent
{
    private ProcessEvent() { }

    /// <summary>These steps are to run on a version; each ends in success or failure.</summary>
    public sealed record Planned(
        FileId File, int Version, [Hidden] ObjectKey StoredAs, string ContentType, ImmutableArray<PlannedStep> Steps) : ProcessEvent;

    /// <summary>A worker took the step; by the deadline it has ended, or it counts as failed.</summary>
    public sealed record StepStarted(FileId File, JobId Job, int Attempt, DateTimeOffset Deadline) : ProcessEvent
    {
        /// <summary>Which worker, by an id that each start of the program makes anew.</summary>
        public Guid Worker { get; init; }
    }

    /// <summary>The step made a variant.</summary>
    /// <param name="ProcessorVersion">Which version of the processor made it.</param>
    public sealed record StepSucceeded(FileId File, JobId Job, string ProcessorVersion, MadeVariant Made) : ProcessEvent;

    /// <summary>An attempt failed for a reason that may pass; the next begins at the time given.</summary>
    public sealed record StepDelayed(FileId File, JobId Job, int Attempt, string Reason, DateTimeOffset NotBefore) : ProcessEvent;

    /// <summary>The step failed for good.</summary>
    public sealed record StepFailed(FileId File, JobId Job, string Code, string Detail) : ProcessEvent;

    /// <summary>The file is going away: nothing more runs.</summary>
    public sealed record Cancelled(FileId File) : ProcessEvent;
}

/// <summary>One step of a plan.</summary>
/// <param name="Processor"><c>thumbnail</c>, <c>resize</c>, <c>webp</c>, <c>pdf_thumbnail</c>.</param>
/// <param name="Variant">The name of what it makes: <c>thumbnail</c>, <c>resize-1280</c>.</param>
public sealed record PlannedStep(JobId Job, string Processor, string Variant, int MaxWidth, int MaxHeight);

/// <summary>A variant that stands in the object store.</summary>
public sealed record MadeVariant(
    int Version, string Name, [Hidden] ObjectKey StoredAs, string ContentType, long SizeBytes, int Width, int Height);
