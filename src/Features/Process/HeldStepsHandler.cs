using MediatR;

namespace EventFiles.Features.Process;

/// <summary>Hands out the steps of a file that waited for the scanner's verdict, or were to be made before it.</summary>
internal sealed class HeldStepsHandler(IStreams streams, Reruns reruns, IRequestHandler<RunSteps, Answer<Done>> steps) :
    IRequestHandler<ResumeSteps, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(ResumeSteps work, CancellationToken cancellationToken)
    {
        if (work.IsReleased && await reruns.NewestOf(work.Owner, work.File, cancellationToken) is { } content
            && (await reruns.Plan(content, new RerunWhere(Failed: true), isDryRun: false, cancellationToken)).Refusal is { } no)
            return no;
        var state = await streams.Load(ProcessDecider.StreamOf(work.Owner, work.File), ProcessDecider.Decider, cancellationToken);
        var held = state.Steps.Values.Where(step => step.Status == StepStatus.Queued).Select(step => step.Plan.Job).ToList();
        return held.Count == 0 || state.IsCancelled
            ? new Done()
            : await steps.Handle(new RunSteps(work.Owner, work.File, [.. held]), cancellationToken);
    }
}
