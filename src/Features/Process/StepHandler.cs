using MediatR;
using Microsoft.Extensions.Logging;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>
/// Does the work. Safe when late, twice and at once: a step runs only for whoever the decider lets start it, a variant's
/// key follows from what it is, and an attempt that dies is found when its work comes again, or by its deadline.
/// </summary>
internal sealed partial class StepHandler(
    IStreams streams, IObjects objects, IRenderer renderer, IScans scans, ITools tools, INodes nodes, StepsUnderWay underWay,
    MarkPictures marks, FullDiskPause pause, ILogger<StepHandler> log) :
    IRequestHandler<RunSteps, Answer<Done>>,
    IRequestHandler<RunLongSteps, Answer<Done>>
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    public Task<Answer<Done>> Handle(RunLongSteps work, CancellationToken cancellationToken) =>
        Handle(new RunSteps(work.Owner, work.File, work.Jobs), cancellationToken);

    public async Task<Answer<Done>> Handle(RunSteps work, CancellationToken cancellationToken)
    {
        var stream = ProcessDecider.StreamOf(work.Owner, work.File);
        KillPoint.Reach("work.delivered");
        if (pause.Rest() is { } rest)
            return No.NoRoom with { RetryAfter = rest };
        var started = new List<StepState>();
        try
        {
            var isElsewhere = await Start(stream, work, started, cancellationToken);

            // The steps of one file write to one stream: they render side by side and report one after the other.
            using var reporting = new SemaphoreSlim(1);
            await Task.WhenAll(started.Select(step => Run(stream, work.File, step, reporting, cancellationToken)));

            // What another worker has may be left by it. Its own message may be gone by then: this one comes again.
            return isElsewhere ? No.Running : new Done();
        }
        finally
        {
            started.ForEach(underWay.End);
        }
    }

    // All in one commit. A step that may not start is another worker's, or is over. Those that start are known to be under
    // way before anybody can read that they have begun.
    private async Task<bool> Start(StreamId stream, RunSteps work, List<StepState> started, CancellationToken cancel)
    {
        var isElsewhere = false;
        await streams.Transact<Done>(async transaction =>
        {
            started.ForEach(underWay.End);
            started.Clear();
            isElsewhere = false;
            foreach (var job in work.Jobs)
            {
                var no = await Start(transaction, stream, work.File, job, cancel);
                isElsewhere |= no == No.Running;
                if (no is null && (await transaction.Load(stream, ProcessDecider.Decider)).Step(job) is { Status: StepStatus.Running } step)
                {
                    started.Add(step);
                    underWay.Begin(step);
                }
            }

            return new Done();
        }, cancel);
        return isElsewhere;
    }

    // Decided first: that reads the newest state, and seldom leads to the question who lives.
    private async Task<Rejection?> Start(
        ITransaction transaction, StreamId stream, FileId file, JobId job, CancellationToken cancel)
    {
        if (await Closed(transaction, stream, file, job, cancel) is { } closed)
            return closed;
        var start = new ProcessCommand.StartStep(file, job) { Worker = nodes.This, IsHeld = true };
        if (await transaction.Decide(stream, ProcessDecider.Decider, start) is var no && no != No.Running)
            return no;
        var step = (await transaction.Load(stream, ProcessDecider.Decider)).Step(job)!;
        var isHeld = step.Worker == nodes.This ? underWay.Has(step) : await nodes.Lives(step.Worker, cancel);
        return isHeld
            ? no
            : await transaction.Decide(stream, ProcessDecider.Decider, start with { IsHeld = false });
    }

    // Nothing is made of what is infected, nor before the scanner has looked where that is wanted: its verdict hands the
    // work out again.
    private async Task<Rejection?> Closed(ITransaction transaction, StreamId stream, FileId file, JobId job, CancellationToken cancel)
    {
        if ((await transaction.Load(stream, ProcessDecider.Decider)).Step(job) is not { HasEnded: false } step)
            return null;
        var scan = await scans.Of(file, step.Version, cancel);
        return scan.IsAwaited ? No.NotYet
            : !scan.IsInfected ? null
            : await transaction.Decide(
                stream, ProcessDecider.Decider,
                new ProcessCommand.FailStep(file, job, "infected", "The virus scanner found something in the file.")) ?? No.Ended;
    }

    private async Task Run(StreamId stream, FileId file, StepState step, SemaphoreSlim reporting, CancellationToken cancel)
    {
        ProcessCommand report;
        try
        {
            report = await Render(stream, file, step, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            report = Delay(file, step, "The worker was stopped.");
        }
        catch (Exception reason) when (FullDisk.IsWhy(reason))
        {
            // Somebody must make room, and nobody is to blame: it waits as long as that takes.
            pause.Begin();
            LogNoRoom(reason, step.Plan.Job);
            report = new ProcessCommand.WaitForRoom(file, step.Plan.Job, step.Attempt);
        }
        catch (TransientException reason)
        {
            LogDelayed(reason, step.Plan.Job, step.Attempt);
            report = Delay(file, step, "A tool that is needed could not run.");
        }
        catch (Exception reason)
        {
            // The store's faults have no common type. Whatever it is, the attempts are bounded and the step ends.
            LogDelayed(reason, step.Plan.Job, step.Attempt);
            report = Delay(file, step, "The file could not be read, or the variant not be stored.");
        }

        // A worker that is being stopped still says so, or the step would wait for its deadline.
        using var limit = new CancellationTokenSource(LastWords);
        var until = cancel.IsCancellationRequested ? limit.Token : cancel;
        await reporting.WaitAsync(until);
        try
        {
            var reply = await streams.Transact<Done>(async transaction =>
                await transaction.Decide(stream, ProcessDecider.Decider, report) is { } no ? no : new Done(), until);
            KillPoint.Reach("work.committed");
            if (reply.Refusal is not null && report is ProcessCommand.SucceedStep late)
                await Discard(stream, late.Job, late.Made, until);
        }
        finally
        {
            reporting.Release();
        }
    }

    private async Task<ProcessCommand> Render(StreamId stream, FileId file, StepState step, CancellationToken cancel)
    {
        var plan = step.Plan;
        if (ProcessorRegistry.Find(plan.Processor) is not { } processor)
            return new ProcessCommand.FailStep(file, plan.Job, "no-such-processor", "The processor is no longer there.");
        // Whoever planned it has the program: another worker may have it too.
        if (!processor.CanTake(step.ContentType, tools))
            throw new TransientException("A program that the processor needs is not installed here.");
        await using var original = await objects.Open(step.StoredAs, cancel);
        if (original is null)
            return new ProcessCommand.FailStep(file, plan.Job, "original-missing", "The file's content is gone.");

        KillPoint.Reach("work.original-open");
        var options = processor.OptionsOf(plan, await PersonalOptions.Of(streams, stream, step, cancel));
        var order = processor.Order(step.ContentType, options);
        if (processor.PictureOver(options) is { } mark)
        {
            var (picture, why) = await marks.Read(stream.Tenant, mark, cancel);
            if (why is not null)
                return new ProcessCommand.FailStep(file, plan.Job, why.Code, why.Detail);
            order = order with { Mark = order.Mark! with { Picture = picture } };
        }

        switch (await renderer.Render(original, order, cancel))
        {
            case Rendering.Made made:
                await using (made.Content)
                {
                    var key = ObjectKey.Variant(file, step.Version, plan.Variant);
                    var stored = await objects.OwnedBy(stream.Tenant).Put(key, made.Content, cancel);
                    KillPoint.Reach("work.variant-stored");
                    pause.End();
                    return new ProcessCommand.SucceedStep(file, plan.Job, processor.Version, new MadeVariant(
                        step.Version, plan.Variant, key, made.ContentType, stored.SizeBytes, made.Width, made.Height));
                }

            case Rendering.Failed failed:
                return new ProcessCommand.FailStep(file, plan.Job, failed.Code, failed.Detail);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // Made for nothing: the file is going, or the step had been given up. A later job may have made the same variant.
    private async Task Discard(StreamId stream, JobId job, MadeVariant made, CancellationToken cancel)
    {
        var state = await streams.Load(stream, ProcessDecider.Decider, cancel);
        if (state.IsCancelled || state.Step(job)?.IsOfDeletedVersion == true || state.StepFor(made.Version, made.Name) is null)
            await objects.Delete(made.StoredAs, cancel);
    }

    private static ProcessCommand.DelayStep Delay(FileId file, StepState step, string reason) =>
        new(file, step.Plan.Job, step.Attempt, reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "There is no room for what job {Job} makes; it waits")]
    private partial void LogNoRoom(Exception reason, JobId job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} of job {Job} failed and is repeated")]
    private partial void LogDelayed(Exception reason, JobId job, int attempt);
}
