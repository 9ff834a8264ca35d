using MediatR;

namespace EventFiles.Features.Process;

/// <summary>Hands out the steps of a file that waited for the scanner's verdict, or were to be made before it.</summary>
internal sealed class HeldStepsHandler(IStreams streams, Reruns reruns, IRequestHandler<RunSteps, Answer<Done>> steps) :
    IRequestHandler<ResumeSteps, Answer<Done>>,
    IRequestHandler<ResumeLongSteps, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(ResumeSteps work, CancellationToken cancellationToken)
    {
        if (work.IsReleased && await reruns.NewestOf(work.Owner, work.File, cancellationToken) is { } content
            && (await reruns.Plan(content, new RerunWhere(Failed: true), isDryRun: false, cancellationToken)).Refusal is { } no)
            return no;
        return await Resume(work.Owner, work.File, isLong: false, cancellationToken);
    }

    public Task<Answer<Done>> Handle(ResumeLongSteps work, CancellationToken cancellationToken) =>
        Resume(work.Owner, work.File, isLong: true, cancellationToken);

    private async Task<Answer<Done>> Resume(AccountId owner, FileId file, bool isLong, CancellationToken cancel)
    {
        var state = await streams.Load(ProcessDecider.StreamOf(owner, file), ProcessDecider.Decider, cancel);
        var held = state.Steps.Values
            .Where(step => step.Status == StepStatus.Queued && ProcessorRegistry.IsLong(step.ContentType) == isLong)
            .Select(step => step.Plan.Job).ToList();
        return held.Count == 0 || state.IsCancelled
            ? new Done()
            : await steps.Handle(new RunSteps(owner, file, [.. held]), cancel);
    }
}
