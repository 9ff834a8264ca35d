using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>
/// Renditions as they are first wanted: made as any other variant, by whatever worker is free, kept as one, and gone with
/// their version. Whoever wants a new one waits for it; so many are made for an owner in a minute and no more.
/// </summary>
internal sealed class Renditions(IStreams streams, IObjects objects, ITries tries, TimeProvider clock)
{
    /// <summary>How many different ones of one version are kept; the other variants have room beside them.</summary>
    public const int MostOfAVersion = 32;

    /// <summary>How many new ones are made of one owner's files in a minute.</summary>
    public const int MostInAMinute = 60;

    private const string Processor = "render";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What was asked for, in full; or what is wrong with it.</summary>
    public static Answer<ProcessorOptions> Read(RenditionWish wish)
    {
        var options = ProcessorRegistry.Find(Processor)!.Read(wish.ToOptions(), out var errors);
        return errors.IsEmpty ? options : No.BadOptions with { Errors = errors };
    }

    /// <summary>Opens it. Whoever asks has asked whether the caller may read the file.</summary>
    public async Task<Answer<RenditionContent>> Open(FileSummary file, ProcessorOptions options, CancellationToken cancel)
    {
        if (file.Sha256 is null || file.Status is FileStatus.Trashed or FileStatus.Deleted or FileStatus.Infected)
            return No.NotReady;
        var processor = ProcessorRegistry.Find(Processor)!;
        if (!processor.Takes(file.ContentType))
            return No.NotForThisType;
        var step = processor.Step(NewId.Of<JobId>(clock), options);
        var stream = ProcessDecider.StreamOf(file.Owner, file.Id);
        var state = await streams.Load(stream, ProcessDecider.Decider, cancel);
        var known = state.StepFor(file.Version, step.Variant);
        // What failed fails again: looking does not repeat it, a rerun does. What was made before serves on.
        var hasFailed = state.LastFor(file.Version, step.Variant) is { Status: StepStatus.Failed } last
            && last.Plan.ProcessorVersion == step.ProcessorVersion;
        if (hasFailed && known is null)
            return No.CannotRender;
        if (!hasFailed && (known is not { Status: StepStatus.Succeeded } || ProcessorRegistry.IsStale(Processor, known.MadeBy)))
        {
            var planned = await Plan(stream, file, step, known is not null, cancel);
            if (planned is not Answer<JobId>.Yes(var job, _))
                return planned.Refusal!;
            known = await Ended(stream, job, cancel);
        }

        return known switch
        {
            { Status: StepStatus.Succeeded } => await Open(file, step, known, cancel),
            { Status: StepStatus.Failed } => No.CannotRender,
            null => No.Cancelled,
            _ => No.RenditionUnderWay,
        };
    }

    private async Task<Answer<RenditionContent>> Open(FileSummary file, PlannedStep step, StepState made, CancellationToken cancel)
    {
        var processor = ProcessorRegistry.Find(Processor)!;
        var type = processor.Order(file.ContentType, processor.OptionsOf(step, null)).ContentType;
        return await objects.Open(ObjectKey.Variant(file.Id, file.Version, step.Variant), cancel) is { } content
            ? new RenditionContent(
                content, type, made.Plan.Job.ToString(), $"{step.Variant}.{type[(type.IndexOf('/') + 1)..]}", file.ModifiedAt)
            : No.RenditionUnderWay;
    }

    private async Task<Answer<JobId>> Plan(StreamId stream, FileSummary file, PlannedStep step, bool isKnown, CancellationToken cancel)
    {
        // Of one that was wanted before, nothing more is made than was to be made anyway.
        if (!isKnown && await tries.Take(
                "renditions", [new TryLimit(file.Owner.ToString(), MostInAMinute, TimeSpan.FromMinutes(1))], cancel) is { } wait)
        {
            return No.TooManyRenditions with { RetryAfter = wait };
        }

        return await streams.Transact<JobId>(async transaction =>
            await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                file.Id, file.Version, file.StoredAs, file.ContentType, [step])
            {
                MostOfItsProcessor = MostOfAVersion,
            }) is { } no
                ? no
                : (await transaction.Load(stream, ProcessDecider.Decider)).StepFor(file.Version, step.Variant)!.Plan.Job, cancel);
    }

    // The stream itself is asked: no view needs to have seen it.
    private async Task<StepState?> Ended(StreamId stream, JobId job, CancellationToken cancel)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var state = await streams.Load(stream, ProcessDecider.Decider, cancel);
            if (state.IsCancelled)
                return null;
            var step = state.Step(job);
            if (step is null or { HasEnded: true } || clock.GetElapsedTime(since) > Patience)
                return step;
            // Soon at first; who waits long is not told much later for being asked less often.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(clock.GetElapsedTime(since).TotalMilliseconds / 8, 40, 1000)), cancel);
        }
    }
}
