using System.Collections.Immutable;

namespace EventFiles.Features.Process;

/// <summary>
/// The chain of each type, and how far a version has come in it, as one table each. What runs it are events: a plan begins
/// its steps, a verdict lets them go on, a text is indexed.
/// </summary>
public static class ProcessChain
{
    /// <summary>A text that is made is searched in by then, or late.</summary>
    public static readonly TimeSpan IndexLimit = TimeSpan.FromMinutes(5);

    // The stages in which processors make something.
    private static readonly ImmutableArray<ProcessStage> Made = [ProcessStage.Inspect, ProcessStage.Renditions, ProcessStage.Text];

    // What several steps are together: the first of these that one of them is.
    private static readonly ImmutableArray<StepStatus> Precedence =
        [StepStatus.Running, StepStatus.Delayed, StepStatus.Queued, StepStatus.Failed, StepStatus.Cancelled, StepStatus.Succeeded];

    /// <summary>Every type of which something is made by itself, by name; all others are scanned and indexed only.</summary>
    /// <param name="tools">What is installed.</param>
    public static ImmutableArray<TypeChain> All(ITools tools) =>
    [
        .. ProcessorRegistry.All.SelectMany(processor => processor.ContentTypes).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).Select(type => new TypeChain(type, Of(type, tools))).Where(chain => chain.Stages.Count > 2),
    ];

    /// <summary>The stages of a type that have anything to do.</summary>
    public static IReadOnlyList<ChainStage> Of(string contentType, ITools tools)
    {
        var steps = ProcessorRegistry.StepsFor(contentType, () => default, tools)
            .ToLookup(step => ProcessorRegistry.Find(step.Processor)!.Stage, step => step.Variant);
        return
        [
            new(ProcessStage.Scan, []),
            .. Made.Where(steps.Contains).Select(stage => new ChainStage(stage, [.. steps[stage]])),
            new(ProcessStage.Index, []),
        ];
    }

    /// <summary>How far one version has come, by what events tell of its steps and verdict, and the index of its text.</summary>
    /// <param name="policy">Whether anything is scanned at all.</param>
    /// <param name="hasText">Whether its text is kept for search.</param>
    public static IReadOnlyList<FileStageView> Of(VersionProgress version, ScanPolicy policy, bool hasText, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(version);
        var steps = version.Steps.ToLookup(step => ProcessorRegistry.Find(step.Processor)?.Stage ?? ProcessStage.Renditions);
        return
        [
            .. policy is ScanPolicy.Off && version.Verdict is ScanVerdict.NotScanned ? (FileStageView[])[] : [Scanned(version)],
            .. Made.Where(steps.Contains).Select(stage => Held(version, Together(stage, [.. steps[stage]]))),
            .. version.IsPast ? (FileStageView[])[] : [Indexed(version, steps[ProcessStage.Text].LastOrDefault(), hasText, now)],
        ];
    }

    private static FileStageView Scanned(VersionProgress version) => version.Verdict switch
    {
        ScanVerdict.NotScanned when version.IsOverdue => Stage(ProcessStage.Scan, StepStatus.Delayed) with { Error = VersionProgress.Overdue },
        ScanVerdict.NotScanned => Stage(ProcessStage.Scan, StepStatus.Queued),
        ScanVerdict.Infected => Stage(ProcessStage.Scan, StepStatus.Failed) with { Error = $"infected: {version.Threat}" },
        ScanVerdict.Unscannable => Stage(ProcessStage.Scan, StepStatus.Failed) with { Error = $"unscannable: {version.Threat}" },
        _ => Stage(ProcessStage.Scan, StepStatus.Succeeded),
    };

    private static FileStageView Together(ProcessStage stage, IReadOnlyList<FileStepView> steps)
    {
        var status = Precedence.First(one => steps.Any(step => step.Status == one));
        return new(
            stage, status, [.. steps.Select(step => step.Variant)], steps.FirstOrDefault(step => step.Status == status)?.Error,
            steps.Max(step => step.Deadline), steps.Min(step => step.NextAttemptAt));
    }

    // What has not begun does not before there is a verdict, and nobody can say when that is.
    private static FileStageView Held(VersionProgress version, FileStageView stage) => version.IsHeld && stage.Status is StepStatus.Queued
        ? stage with { Status = StepStatus.Delayed, Error = VersionProgress.Overdue }
        : stage;

    // By its name it is found as soon as it is there to be seen. Read from the top: the first row that matches is the rule.
    private static FileStageView Indexed(VersionProgress version, FileStepView? text, bool hasText, DateTimeOffset now)
    {
        var since = text?.Since ?? version.MadeAt;
        return text switch
        {
            _ when hasText => Stage(ProcessStage.Index, StepStatus.Succeeded),
            null when !SearchView.IsItsOwnText(version.ContentType) => Stage(ProcessStage.Index, StepStatus.Succeeded),
            { Status: StepStatus.Failed or StepStatus.Cancelled } => Stage(ProcessStage.Index, StepStatus.Succeeded),
            { Status: not StepStatus.Succeeded } => Stage(ProcessStage.Index, StepStatus.Queued),
            _ when now < since + IndexLimit => Stage(ProcessStage.Index, StepStatus.Running) with { Deadline = since + IndexLimit },
            _ => Stage(ProcessStage.Index, StepStatus.Delayed) with { Error = "late: The text cannot be searched in yet; it is read again within the hour." },
        };
    }

    private static FileStageView Stage(ProcessStage stage, StepStatus status) => new(stage, status, [], null, null, null);
}

/// <summary>The one pipeline, for whoever tells how far a file has come.</summary>
internal sealed class ProcessStages(IScans scans, ISearchIndex index, TimeProvider clock) : IStages
{
    public async Task<IReadOnlyList<FileStageView>> Of(VersionProgress version, CancellationToken cancel)
    {
        var policy = (await scans.Of(version.File, version.Version, cancel)).Policy;
        // Most files have no text, and of those nobody is asked.
        var hasText = !version.IsPast
            && (SearchView.IsItsOwnText(version.ContentType) || version.Steps.Any(step => step is { Variant: SearchView.TextVariant, Status: StepStatus.Succeeded }))
            && await index.HasText(version.File, version.Version, cancel);
        return ProcessChain.Of(version, policy, hasText, clock.GetUtcNow());
    }
}

/// <summary>What happens to every new version of a type.</summary>
/// <param name="ContentType">The media type.</param>
/// <param name="Stages">In their order.</param>
public sealed record TypeChain(string ContentType, IReadOnlyList<ChainStage> Stages);

/// <summary>One stage.</summary>
/// <param name="Stage">scan, inspect, renditions, text or index.</param>
/// <param name="Variants">What is made: the steps of <c>getFileStatus</c> have these variants. None where nothing is made.</param>
public sealed record ChainStage(ProcessStage Stage, IReadOnlyList<string> Variants);
