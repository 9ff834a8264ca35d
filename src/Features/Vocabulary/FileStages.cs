using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>What happens to a new version of a file, in this order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProcessStage>))]
public enum ProcessStage
{
    /// <summary>The virus scanner looks at it, where there is one. Under <c>require</c> everything else waits for its verdict.</summary>
    [JsonStringEnumMemberName("scan")]
    Scan,

    /// <summary>What it is: dimensions, pages, what is in an archive.</summary>
    [JsonStringEnumMemberName("inspect")]
    Inspect,

    /// <summary>Smaller pictures, in other formats.</summary>
    [JsonStringEnumMemberName("renditions")]
    Renditions,

    /// <summary>Its text, where a processor must extract it.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>It is found by its name, and by its text when that is there.</summary>
    [JsonStringEnumMemberName("index")]
    Index,
}

/// <summary>One stage of the pipeline of a file's current version; stages that have nothing to do are left out.</summary>
/// <param name="Stage">scan, inspect, renditions, text or index; all types have them in this order.</param>
/// <param name="Status">That of its steps together: running before delayed before queued; when all have ended, failed when one failed.</param>
/// <param name="Variants">What is made in it: the steps have these variants. None in scan and index.</param>
/// <param name="Error">Why it failed, or what it waits for; null when nothing is wrong.</param>
/// <param name="Deadline">While it runs, when it has ended or counts as late or failed; else null.</param>
/// <param name="NextAttemptAt">When a delayed step is tried again; null when nothing is delayed, or when that is not known.</param>
public sealed record FileStageView(
    ProcessStage Stage, StepStatus Status, IReadOnlyList<string> Variants, string? Error, DateTimeOffset? Deadline, DateTimeOffset? NextAttemptAt)
{
    /// <summary>It has an end before it that no event tells of: that the text can be searched in.</summary>
    public bool EndsUntold() => Stage is ProcessStage.Index && Status is StepStatus.Running;
}

/// <summary>What is known of one complete version, for <see cref="IStages"/>.</summary>
/// <param name="MadeAt">When it was complete.</param>
/// <param name="Steps">Those that make something of it.</param>
/// <param name="Verdict">What the virus scanner said.</param>
/// <param name="Threat">What it found, or why it could not look; else null.</param>
/// <param name="IsPast">It is told as it was: what stands beside the log is not known of then.</param>
public sealed record VersionProgress(
    FileId File, int Version, string ContentType, DateTimeOffset MadeAt, IReadOnlyList<FileStepView> Steps, ScanVerdict Verdict, string? Threat,
    bool IsPast)
{
    /// <summary>What is said of a version that the scanner has not looked at in time, and of all that waits for it.</summary>
    public const string Overdue = "waiting-for-scanner: The virus scanner has not looked at it in time; that is made up for as soon as it can.";

    /// <summary>The scanner should have looked at it by now.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>The same, and nothing is made of it before.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>The one pipeline of a version, as it is told to people. Implemented by the Process slice.</summary>
public interface IStages
{
    /// <summary>How far each stage has come.</summary>
    Task<IReadOnlyList<FileStageView>> Of(VersionProgress version, CancellationToken cancel);
}
