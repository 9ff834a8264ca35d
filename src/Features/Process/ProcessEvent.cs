using System.Collections.Immutable;

namespace EventFiles.Features.Process;

/// <summary>What became of a file's processing. Stored for ever: add cases, never change one.</summary>
public abstract record ProcessEvent
{
    private ProcessEvent() { }

    /// <summary>These steps are to run on a version; each ends in success or failure.</summary>
    public sealed record Planned(
        FileId File, int Version, [Hidden] ObjectKey StoredAs, string ContentType, ImmutableArray<PlannedStep> Steps) : ProcessEvent;

    /// <summary>What of a planned step's options tells something about a person.</summary>
    /// <param name="Options">The options by name, as JSON.</param>
    public sealed record Instructed(FileId File, JobId Job, [Personal] string Options) : ProcessEvent;

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
    /// <param name="Attempt">How many attempts count by now: this one too, unless there was no room for what it made.</param>
    public sealed record StepDelayed(FileId File, JobId Job, int Attempt, string Reason, DateTimeOffset NotBefore) : ProcessEvent;

    /// <summary>The step failed for good.</summary>
    public sealed record StepFailed(FileId File, JobId Job, string Code, string Detail) : ProcessEvent;

    /// <summary>The file is going away: nothing more runs.</summary>
    public sealed record Cancelled(FileId File) : ProcessEvent;
}

/// <summary>One step of a plan.</summary>
/// <param name="Processor">Its name: <c>thumbnail</c>, <c>text</c>.</param>
/// <param name="Variant">The name of what it makes: <c>thumbnail</c>, <c>resize-1280</c>.</param>
/// <param name="MaxWidth">Of a picture, in pixels; else 0.</param>
/// <param name="MaxHeight">The same.</param>
public sealed record PlannedStep(JobId Job, string Processor, string Variant, int MaxWidth, int MaxHeight)
{
    /// <summary>All that is set and not personal, as canonical JSON; null where a former program planned it.</summary>
    public string? Options { get; init; }

    /// <summary>The version that the processor had then; null where a former program planned it.</summary>
    public string? ProcessorVersion { get; init; }

    /// <summary>Whether it makes the same of the same bytes, whoever planned it. What is personal is compared elsewhere.</summary>
    public bool IsLike(PlannedStep other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(Processor, other.Processor, StringComparison.Ordinal)
            && string.Equals(Variant, other.Variant, StringComparison.Ordinal)
            && (Options is null || other.Options is null || string.Equals(Options, other.Options, StringComparison.Ordinal));
    }
}

/// <summary>A variant that stands in the object store.</summary>
public sealed record MadeVariant(
    int Version, string Name, [Hidden] ObjectKey StoredAs, string ContentType, long SizeBytes, int Width, int Height);
