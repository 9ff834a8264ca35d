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
    // Read from the top: the first row that matches is the rule.
    public static string Of(bool isDeleted, bool isTrashed, bool hasContent, IReadOnlyCollection<StepStatus> steps, bool isInfected = false) =>
        isDeleted ? Deleted
        : isTrashed ? Trashed
        : !hasContent ? Uploading
        : isInfected ? Infected
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
