using MediatR;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>What clients ask of processing.</summary>
internal sealed class ProcessHandler(
    IStreams streams, IReadModel<ProcessView> views, IAccess access, IFiles files, TimeProvider clock) :
    IRequestHandler<ProcessFile, Answer<ProcessAccepted>>,
    IRequestHandler<ReadJob, Answer<JobReply>>,
    IRequestHandler<ListProcessors, Answer<ProcessorList>>
{
    public async Task<Answer<ProcessAccepted>> Handle(ProcessFile ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Edit, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return asked.Refusal!;
        if (Processors.Find(ask.Processor) is not { } processor)
            return No.NoSuchProcessor;
        if (may.IsTrashed || may.IsDeleted || await files.Find(ask.File, cancellationToken) is not { Sha256: not null } file)
            return No.NotReady;
        if (!processor.Takes(file.ContentType))
            return No.NotForThisType;

        var stream = ProcessDecider.StreamOf(may.Owner, ask.File);
        var step = processor.Step(NewId.Of<JobId>(clock), ask.Options.Width, ask.Options.Height);
        return await streams.Transact<ProcessAccepted>(async transaction =>
            await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                ask.File, file.Version, file.StoredAs, file.ContentType, [step])) is { } no
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

    public Task<Answer<ProcessorList>> Handle(ListProcessors ask, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<ProcessorList>>(new ProcessorList([.. Processors.All.Select(one => new ProcessorReply(
            one.Name, one.Version, one.Summary, one.ContentTypes,
            [
                new ProcessorOption("width", 1, Processor.MaxSide, one.Boxes[0]),
                new ProcessorOption("height", 1, Processor.MaxSide, one.Boxes[0]),
            ]))]));

    private static JobReply Reply(ProcessView view, JobView job) => new(
        job.Id, view.File, job.Version, job.Processor, job.Variant,
        view.IsCancelled && job.EndedAt is null ? StepStatus.Cancelled : job.Status,
        job.Attempts, job.Error, job.Status is StepStatus.Delayed && !view.IsCancelled ? job.Due : null, job.CreatedAt, job.EndedAt);
}

/// <summary>The pipeline, as the slices that take in and delete files ask for it.</summary>
internal sealed class ProcessPipeline(TimeProvider clock) : IPipeline
{
    public async Task<IReadOnlyList<PlannedJob>> Plan(ITransaction transaction, FileContent content)
    {
        var steps = Processors.StepsFor(content.ContentType, () => NewId.Of<JobId>(clock));
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
