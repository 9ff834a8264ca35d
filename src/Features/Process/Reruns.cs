using System.Collections.Immutable;
using System.Globalization;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Process;

/// <summary>
/// Plans once more what was made, or was to be made. Safe to repeat and to break off: what is under way is left alone, and
/// what is no longer stale, failed or missing is not found again. The old variant serves readers until the new one is there.
/// </summary>
public sealed class Reruns(IStreams streams, ITools tools, TimeProvider clock)
{
    /// <summary>The facts that tell which files there are something of.</summary>
    public static IReadOnlyCollection<Type> Facts { get; } = [typeof(ProcessEvent.Planned), typeof(ProcessEvent.Cancelled)];

    /// <summary>The newest version of which the log tells that something was to be made; null when the file goes away.</summary>
    public async Task<FileContent?> NewestOf(AccountId owner, FileId file, CancellationToken cancel)
    {
        var state = await streams.Load(ProcessDecider.StreamOf(owner, file), ProcessDecider.Decider, cancel);
        if (state.IsCancelled || state.Steps.Values.MaxBy(step => step.Version) is not { } step)
            return null;
        var isDeleted = await streams.Read($"version-{file}", 0, cancel)
            .AnyAsync(happened => happened.Fact is VersionEvent.Deleted deleted && deleted.Version == step.Version, cancel);
        return isDeleted ? null : new FileContent(file, owner, step.Version, step.StoredAs, step.ContentType, 0);
    }

    /// <summary>Plans what is meant of one version of a file.</summary>
    /// <returns>How many variants.</returns>
    public async Task<Answer<int>> Plan(FileContent file, RerunWhere where, bool isDryRun, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(where);
        if (!IsOfType(file.ContentType, where.Type))
            return 0;
        var stream = ProcessDecider.StreamOf(file.Owner, file.File);
        return await streams.Transact<int>(async transaction =>
        {
            var state = await transaction.Load(stream, ProcessDecider.Decider);
            var personal = ImmutableDictionary.CreateBuilder<JobId, string>();
            var steps = ImmutableArray.CreateBuilder<PlannedStep>();
            foreach (var last in state.LastOf(file.Version).Where(last => last.HasEnded && IsMeant(last, where)))
            {
                // What a processor made that is no longer there, no longer takes this type or lacks its program, stays as it is.
                if (ProcessorRegistry.Find(last.Plan.Processor) is not { } processor || !processor.CanTake(file.ContentType, tools))
                    continue;
                var secret = await PersonalOptions.Of(streams, stream, last, cancel);
                var step = processor.Step(NewId.Of<JobId>(clock), processor.OptionsOf(last.Plan, secret));
                steps.Add(step);
                if (secret is not null)
                    personal.Add(step.Job, secret);
            }

            if (where is { Stale: false, Failed: false, VersionBelow: null })
            {
                steps.AddRange(ProcessorRegistry.StepsFor(file.ContentType, () => NewId.Of<JobId>(clock), tools)
                    .Where(step => state.LastFor(file.Version, step.Variant) is null && IsNamed(step, where)));
            }

            if (isDryRun || steps.Count == 0)
                return steps.Count;
            return await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                file.File, file.Version, file.StoredAs, file.ContentType, steps.ToImmutable())
            {
                Personal = personal.ToImmutable(),
                IsRerun = true,
            }) is { } no ? no : steps.Count;
        }, cancel);
    }

    private static bool IsMeant(StepState last, RerunWhere where) =>
        !where.Missing
        && IsNamed(last.Plan, where)
        && (where.VersionBelow is not { } below || Number(last.MadeBy) is { } made && made < below)
        && (where, last) switch
        {
            ({ Stale: false, Failed: false }, _) => true,
            ({ Failed: true }, { Status: StepStatus.Failed }) => true,
            ({ Stale: true }, { Status: StepStatus.Succeeded }) => ProcessorRegistry.IsStale(last.Plan.Processor, last.MadeBy),
            _ => false,
        };

    private static bool IsNamed(PlannedStep step, RerunWhere where) =>
        (where.Processor is null || where.Processor == step.Processor) && (where.Variant is null || where.Variant == step.Variant);

    private static bool IsOfType(string contentType, string? wanted) =>
        wanted is null || wanted == contentType
        || (wanted.EndsWith("/*", StringComparison.Ordinal) && contentType.StartsWith(wanted[..^1], StringComparison.Ordinal));

    private static int? Number(string? version) =>
        int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
