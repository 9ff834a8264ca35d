using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>The one word that says how a file stands. Every slice that shows a file says the same.</summary>
public static class FileStatus
{
    public const string Uploading = "uploading";
    public const string Processing = "processing";
    public const string Ready = "ready";
    public const string Failed = "failed";

    /// <summary>The virus scanner found something in the current version.</summary>
    public const string Infected = "infected";
    public const string Trashed = "trashed";
    public const string Deleted = "deleted";

    /// <summary>The rule.</summary>
    /// <param name="hasContent">A version is complete.</param>
    /// <param name="steps">Those of the current version; of several for one variant, the latest.</param>
    /// <param name="isInfected">The current version is.</param>
    /// <param name="isHeld">The virus scanner should have looked at the current version by now, and nothing is made of it before.</param>
    // Read from the top: the first row that matches is the rule.
    public static string Of(bool isDeleted, bool isTrashed, bool hasContent, IReadOnlyCollection<StepStatus> steps, bool isInfected = false, bool isHeld = false) =>
        isDeleted ? Deleted
        : isTrashed ? Trashed
        : !hasContent ? Uploading
        : isInfected ? Infected
        // Nobody can say when: it goes on by itself when there is a verdict.
        : isHeld && steps.Any(IsOpen) ? Failed
        : steps.Any(IsOpen) ? Processing
        // A part that is missing for good is told, even when the rest succeeded: somebody waits for it.
        : steps.Contains(StepStatus.Failed) ? Failed
        : Ready;

    /// <summary>It can still succeed.</summary>
    public static bool IsOpen(StepStatus step) => step is StepStatus.Queued or StepStatus.Running or StepStatus.Delayed;
}

/// <summary>How far one processing step has come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepStatus>))]
public enum StepStatus
{
    /// <summary>It waits for a worker.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>A worker has it.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>An attempt failed for a reason that may pass; another follows.</summary>
    [JsonStringEnumMemberName("delayed")]
    Delayed,

    /// <summary>Its variant is there.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It failed for good.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The file went away first.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>How far a file has come.</summary>
/// <param name="Status">uploading, processing, ready, failed, infected, trashed or deleted.</param>
/// <param name="Steps">The processing steps of the current version.</param>
/// <param name="Error">Of what is infected, <c>infected:</c> and what was found; of what the scanner has not looked at in time, <c>waiting-for-scanner:</c> and a sentence; of the first step that failed, a stable code, a colon and a sentence; null when nothing is wrong.</param>
/// <param name="Progress">How many of the steps have ended.</param>
/// <param name="Stages">The pipeline of the current version, stage by stage in its order: the scanner, the steps, the search. None while nothing is complete.</param>
public sealed record FileStatusView(
    string Status, IReadOnlyList<FileStepView> Steps, string? Error, FileProgress Progress, IReadOnlyList<FileStageView> Stages);

/// <summary>How much of what is to be done with a file's current version is done.</summary>
/// <param name="Done">Steps that have ended, well or not.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Percent">The same as a number from 0 to 100; 100 when there is nothing to do.</param>
public sealed record FileProgress(int Done, int Total, int Percent)
{
    /// <summary>The progress of these steps.</summary>
    public static FileProgress Of(IReadOnlyCollection<StepStatus> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var done = steps.Count(step => !FileStatus.IsOpen(step));
        return new(done, steps.Count, steps.Count == 0 ? 100 : 100 * done / steps.Count);
    }
}

/// <summary>One processing step.</summary>
/// <param name="JobId">Its job.</param>
/// <param name="Processor">What runs: thumbnail, text and others.</param>
/// <param name="Variant">The name of what it makes.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Attempts">How often it was begun: while it runs, the number of the attempt.</param>
/// <param name="Error">Why it failed, or why the last attempt did; null when nothing failed.</param>
/// <param name="Since">When it took on this status.</param>
/// <param name="Deadline">While it runs, when it has ended or counts as failed; else null.</param>
/// <param name="NextAttemptAt">When a delayed step is tried again; else null.</param>
public sealed record FileStepView(
    JobId JobId, string Processor, string Variant, StepStatus Status, int Attempts, string? Error, DateTimeOffset Since,
    DateTimeOffset? Deadline, DateTimeOffset? NextAttemptAt);
