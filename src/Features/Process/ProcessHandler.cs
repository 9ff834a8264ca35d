using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MediatR;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>What clients ask of processing.</summary>
internal sealed class ProcessHandler(
    IStreams streams, IReadModel<ProcessView> views, IAccess access, IFiles files, MarkPictures marks, ITools tools, TimeProvider clock) :
    IRequestHandler<ProcessFile, Answer<ProcessAccepted>>,
    IRequestHandler<ReadJob, Answer<JobReply>>,
    IRequestHandler<ListVariants, Answer<VariantList>>,
    IRequestHandler<ListProcessors, Answer<ProcessorList>>
{
    public async Task<Answer<ProcessAccepted>> Handle(ProcessFile ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Edit, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return asked.Refusal!;
        if (ProcessorRegistry.Find(ask.Processor) is not { } processor)
            return No.NoSuchProcessor;
        var options = processor.Read(ask.Options, out var errors);
        if (!errors.IsEmpty)
            return No.BadOptions with { Errors = errors };
        if (may.IsTrashed || may.IsDeleted || await files.Find(ask.File, cancellationToken) is not { Sha256: not null } file)
            return No.NotReady;
        if (!processor.Takes(file.ContentType))
            return No.NotForThisType;
        if (!processor.CanTake(file.ContentType, tools))
            return No.ToolMissing;
        var chosen = await marks.Choose(ask.By, may.Owner, processor, options, cancellationToken);
        if (chosen is not Answer<ProcessorOptions>.Yes(var full, _))
            return chosen.Refusal!;
        options = full;

        var stream = ProcessDecider.StreamOf(may.Owner, ask.File);
        var step = processor.Step(NewId.Of<JobId>(clock), options);
        return await streams.Transact<ProcessAccepted>(async transaction =>
            await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                ask.File, file.Version, file.StoredAs, file.ContentType, [step])
            {
                Personal = PersonalOf(step.Job, processor.Personal(options)),
            }) is { } no
                ? no
                : new ProcessAccepted((await transaction.Load(stream, ProcessDecider.Decider))
                    .StepFor(file.Version, step.Variant)!.Plan.Job), cancellationToken);
    }

    public async Task<Answer<JobReply>> Handle(ReadJob ask, CancellationToken cancellationToken)
    {
        var found = await views.List(ProcessProjection.IndexOf(ask.Job), null, 1, false, cancellationToken);
        return found.Items is [var view]
            && view.Jobs.FirstOrDefault(job => job.Id == ask.Job) is { } job
            && await access.Ask(ask.By, view.File, FileAction.Read, cancellationToken) is Answer<Vocabulary.FileAccess>.Yes
                ? Reply(view, job)
                : No.NoSuchJob;
    }

    public async Task<Answer<VariantList>> Handle(ListVariants ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Read, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes)
            return asked.Refusal!;
        if (await files.Find(ask.File, cancellationToken) is not { } file)
            return AccessRejection.NoSuchFile;
        var view = await views.Find(ask.File.ToString(), cancellationToken);
        var made = new List<MadeVariantReply>();
        foreach (var variant in file.Variants)
        {
            if (view?.Jobs.LastOrDefault(job => job.Version == file.Version && job.Variant == variant.Name && job.EndedAt is not null
                    && job.Status is StepStatus.Succeeded) is { } job)
            {
                made.Add(new MadeVariantReply(
                    variant.Name, variant.ContentType, variant.SizeBytes, variant.Width, variant.Height, job.Processor,
                    job.MadeBy ?? "", OptionsOf(job), ProcessorRegistry.IsStale(job.Processor, job.MadeBy), job.Id, job.EndedAt!.Value));
            }
        }

        return new VariantList(made);
    }

    public Task<Answer<ProcessorList>> Handle(ListProcessors ask, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<ProcessorList>>(new ProcessorList([.. ProcessorRegistry.All.Select(one => new ProcessorReply(
            one.Name, one.Version, one.Summary, one.ContentTypes, OptionShape.SchemaOf(one.Options),
            one.ContentTypes.Any(type => one.OfEveryVersion(type).Any()), [.. one.ContentTypes.Where(type => !one.CanTake(type, tools))]))],
            ProcessChain.All(tools)));

    /// <summary>What is personal in one step's options, as the decider wants it.</summary>
    internal static ImmutableDictionary<JobId, string> PersonalOf(JobId job, string? personal) => personal is null
        ? ImmutableDictionary<JobId, string>.Empty
        : ImmutableDictionary<JobId, string>.Empty.Add(job, personal);

    private static JsonObject? OptionsOf(JobView job) => job.Options is { } json ? JsonNode.Parse(json)!.AsObject() : null;

    private static JobReply Reply(ProcessView view, JobView job) => new(
        job.Id, view.File, job.Version, job.Processor, job.Variant,
        view.IsCancelled && job.EndedAt is null ? StepStatus.Cancelled : job.Status,
        job.Attempts, job.Error, job.Status is StepStatus.Delayed && !view.IsCancelled ? job.Due : null, job.CreatedAt, job.EndedAt,
        job.Since, OptionsOf(job), job.MadeBy, ProcessorRegistry.IsStale(job.Processor, job.MadeBy));
}

/// <summary>The pipeline, as the slices that take in and delete files ask for it.</summary>
internal sealed class ProcessPipeline(ITools tools, TimeProvider clock) : IPipeline
{
    public async Task<IReadOnlyList<PlannedJob>> Plan(ITransaction transaction, FileContent content)
    {
        var steps = ProcessorRegistry.StepsFor(content.ContentType, () => NewId.Of<JobId>(clock), tools);
        var stream = ProcessDecider.StreamOf(content.Owner, content.File);
        if (steps.IsEmpty || await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                content.File, content.Version, content.StoredAs, content.ContentType, steps)) is not null)
        {
            return [];
        }

        // The jobs that stand: when they were planned before, those and not the ones made up just now.
        var state = await transaction.Load(stream, ProcessDecider.Decider);
        return [.. steps.Select(step => new PlannedJob(
            state.StepFor(content.Version, step.Variant)!.Plan.Job, step.Processor))];
    }

    public Task<Rejection?> Cancel(ITransaction transaction, AccountId owner, FileId file) =>
        transaction.Decide(ProcessDecider.StreamOf(owner, file), ProcessDecider.Decider, new ProcessCommand.Cancel(file));

    public Task<Rejection?> CancelVersion(ITransaction transaction, AccountId owner, FileId file, int version) =>
        transaction.Decide(
            ProcessDecider.StreamOf(owner, file), ProcessDecider.Decider, new ProcessCommand.CancelVersion(file, version));
}
