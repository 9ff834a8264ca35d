using System.Collections.Immutable;
using System.Globalization;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Process;

/// <summary>
/// Plans once more what was made, or was to be made. Safe to repeat and to break off: what is under way is left alone, and
/// what is no longer stale, failed or missing is not found again. The old variant serves readers until the new one is there.
/// </summary>
public sealed class Reruns(IStreams streams, ITools tools, TimeProvider clock)
{
    /// <summary>The facts that tell of which files something is made, or would be.</summary>
    public static IReadOnlyCollection<Type> Facts { get; } =
    [
        typeof(UploadEvent.Completed), typeof(UploadEvent.Reinstated), typeof(UploadEvent.HandedOver), typeof(ProcessEvent.Planned),
        typeof(ProcessEvent.Cancelled),
    ];

    /// <summary>Notes what one of <see cref="Facts"/> says.</summary>
    /// <param name="files">Whose each file is.</param>
    public static void Note(IDictionary<FileId, AccountId> files, RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(happened);
        switch (happened.Fact)
        {
            case UploadEvent.Completed whole when ProcessorRegistry.Concerns(whole.ContentType):
                files[whole.File] = happened.Stream.Tenant;
                break;
            case UploadEvent.Reinstated again when ProcessorRegistry.Concerns(again.ContentType):
                files[again.File] = happened.Stream.Tenant;
                break;
            case ProcessEvent.Planned planned:
                files[planned.File] = happened.Stream.Tenant;
                break;
            case UploadEvent.HandedOver handed when files.ContainsKey(handed.File):
                files[handed.File] = handed.To;
                break;
            case ProcessEvent.Cancelled cancelled:
                files.Remove(cancelled.File);
                break;
            default:
                break;
        }
    }

    /// <summary>The newest version that is to be had; null when there is none, or the file goes away.</summary>
    public async Task<FileContent?> NewestOf(AccountId owner, FileId file, CancellationToken cancel)
    {
        if ((await streams.Load(ProcessDecider.StreamOf(owner, file), ProcessDecider.Decider, cancel)).IsCancelled)
            return null;
        var versions = new SortedDictionary<int, FileContent>();
        await foreach (var happened in streams.ReadMerged([$"upload-{file}", $"version-{file}"], cancel))
        {
            switch (happened.Fact)
            {
                case UploadEvent.Completed whole:
                    versions[whole.Version] = new(file, owner, whole.Version, whole.StoredAs, whole.ContentType, whole.SizeBytes);
                    break;
                case UploadEvent.Reinstated again:
                    versions[again.Version] = new(file, owner, again.Version, again.StoredAs, again.ContentType, again.SizeBytes);
                    break;
                case UploadEvent.HandedOver handed:
                    foreach (var one in handed.Versions)
                        versions[one.Version] = new(file, owner, one.Version, one.StoredAs, one.ContentType, one.SizeBytes);
                    break;
                case VersionEvent.Deleted deleted:
                    versions.Remove(deleted.Version);
                    break;
                default:
                    break;
            }
        }

        return versions.Count == 0 ? null : versions.Values.Last();
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
