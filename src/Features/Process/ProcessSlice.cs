using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using ScanEvent = EventFiles.Features.Scan.ScanEvent;

namespace EventFiles.Features.Process;

/// <summary>Makes previews and smaller renditions of files. Every step ends: made, failed or cancelled.</summary>
public static class ProcessSlice
{
    public static Slice Define() => new Slice("process")
        .Serves(ProcessEndpoint.Map)
        .Serves(RenditionEndpoint.Map)
        .Answers<ProcessFile, ProcessAccepted, ProcessHandler, ProcessFileShape>()
        .Answers<ReadJob, JobReply, ProcessHandler>()
        .Answers<ListVariants, VariantList, ProcessHandler>()
        .Answers<RerunFile, RerunReply, RerunHandler, RerunFileShape>()
        .Answers<RerunPage, RerunReply, RerunHandler, RerunPageShape>()
        .Answers<OpenRendition, RenditionContent, RenditionHandler>()
        .Answers<MakeRenditionLink, RenditionLink, RenditionHandler, MakeRenditionLinkShape>()
        .Answers<OpenRenditionLink, RenditionContent, RenditionHandler>()
        .Answers<ListProcessors, ProcessorList, ProcessHandler>()
        // A former step tells only the box that its picture fits in.
        .Stores<ProcessEvent.Planned>("process.planned.v2").Upcasts("process.planned.v1", former => former)
        .Stores<ProcessEvent.Instructed>("process.instructed.v1")
        .Stores<ProcessEvent.StepStarted>("process.step-started.v1")
        .Stores<ProcessEvent.StepSucceeded>("process.step-succeeded.v1")
        .Stores<ProcessEvent.StepDelayed>("process.step-delayed.v1")
        .Stores<ProcessEvent.StepFailed>("process.step-failed.v1")
        .Stores<ProcessEvent.Cancelled>("process.cancelled.v1")
        .Shows(ProcessProjection.Define())
        .Hears<ProcessEvent.Planned>((fact, happened) => Run(
            happened.Stream.Tenant, fact.File, [.. fact.Steps.Select(step => step.Job)], ProcessorRegistry.IsLong(fact.ContentType)))
        .Hears<ScanEvent.Passed>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Passed>((fact, happened) => new ResumeLongSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Found>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Found>((fact, happened) => new ResumeLongSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.NotScannable>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.NotScannable>((fact, happened) => new ResumeLongSteps(happened.Stream.Tenant, fact.File))
        .Hears<ScanEvent.Released>((fact, happened) => new ResumeSteps(happened.Stream.Tenant, fact.File) { IsReleased = true })
        .Hears<ScanEvent.Released>((fact, happened) => new ResumeLongSteps(happened.Stream.Tenant, fact.File))
        .Due<ProcessView>(ProcessProjection.Due, view => Run(
            view.Owner, view.File, [.. view.Open.Select(job => job.Id)], view.Open.All(job => job.IsLong)))
        .Does<RunSteps, StepHandler>("process")
        .Does<ResumeSteps, HeldStepsHandler>("process")
        .Does<RunLongSteps, StepHandler>("process-long")
        .Does<ResumeLongSteps, HeldStepsHandler>("process-long")
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => ProcessDecider.StreamOf(happened.Stream.Tenant, purged.File).Name,
            ProcessDecider.Decider.Until(file => file.IsCancelled))
        .TellsOf(file => ProcessDecider.StreamOf(default, file).Name)
        .Needs(all => all.AddSingleton<StepsUnderWay>().AddSingleton<FullDiskPause>().AddSingleton<Renditions>().AddSingleton<Reruns>().AddTransient<MarkPictures>())
        .Offers<IPipeline, ProcessPipeline>()
        .Offers<IStages, ProcessStages>()
        .Offers<IHandsOverFiles, HandedSteps>();

    private static IWork Run(AccountId owner, FileId file, ImmutableArray<JobId> jobs, bool isLong) =>
        isLong ? new RunLongSteps(owner, file, jobs) : new RunSteps(owner, file, jobs);
}
