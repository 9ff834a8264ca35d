using Microsoft.Extensions.DependencyInjection;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using ScanEvent = EventFiles.Features.Scan.ScanEvent;

namespace EventFiles.Features.Process;

/// <summary>Makes previews and smaller renditions of files. Every step ends: made, failed or cancelled.</summary>
public static class ProcessSlice
{
    public static Slice Define() => new Slice("process")
        .Serves(ProcessEndpoint.Map)
        .Answers<ProcessFile, ProcessAccepted, ProcessHandler, ProcessFileShape>()
        .Answers<ReadJob, JobReply, ProcessHandler>()
        .Answers<ListProcessors, ProcessorList, ProcessHandler>()
        .Stores<ProcessEvent.Planned>("process.planned.v1")
        .Stores<ProcessEvent.StepStarted>("process.step-started.v1")
        .Stores<ProcessEvent.StepSucceeded>("process.step-succeeded.v1")
        .Stores<ProcessEvent.StepDelayed>("process.step-delayed.v1")
        .Stores<ProcessEvent.StepFailed>("process.step-failed.v1")
        .Stores<ProcessEvent.Cancelled>("process.cancelled.v1")
        .Shows(ProcessProjection.Define())
        .Hears<ProcessEvent.Planned>((fact, happened) =>
            new RunSteps(happened.Stream.Tenant, fact.File, [.. fact.Steps.Select(step => step.Job)]))
        .Hears<ScanEvent.Passed>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Found>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.NotScannable>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Released>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Due<ProcessView>(ProcessProjection.Due, view =>
            new RunSteps(view.Owner, view.File, [.. view.Jobs.Where(job => job.EndedAt is null).Select(job => job.Id)]))
        .Does<RunSteps, StepHandler>("process")
        .Does<ResumeSteps, HeldStepsHandler>("process")
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => ProcessDecider.StreamOf(happened.Stream.Tenant, purged.File).Name,
            ProcessDecider.Decider.Until(file => file.IsCancelled))
        .TellsOf(file => ProcessDecider.StreamOf(default, file).Name)
        .Needs(all => all.AddSingleton<StepsUnderWay>())
        .Offers<IPipeline, ProcessPipeline>();
}
