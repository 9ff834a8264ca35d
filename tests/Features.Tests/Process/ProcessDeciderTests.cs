using System.Collections.Immutable;
using EventFiles.Features.Process;
using static EventFiles.Features.Process.ProcessCommand;
using static EventFiles.Features.Process.ProcessEvent;

namespace EventFiles.Features.Tests.Process;

public sealed class ProcessDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Deadline = Noon + ProcessDecider.AttemptLimit;
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly JobId Job = new(Guid.Parse("00000000-0000-7000-8000-000000000011"));
    private static readonly JobId Other = new(Guid.Parse("00000000-0000-7000-8000-000000000012"));
    private static readonly ObjectKey Raw = new("raw/x");
    private static readonly PlannedStep Thumbnail = new(Job, "thumbnail", "thumbnail", 300, 300);
    private static readonly PlannedStep Webp = new(Other, "webp", "webp", 1280, 1280);
    private static readonly MadeVariant Made = new(1, "thumbnail", new("processed/x/1/thumbnail"), "image/jpeg", 9, 300, 200);

    private readonly Specification<ProcessCommand, ProcessState, ProcessEvent> process = new(ProcessDecider.Decider, Noon);

    [Fact]
    public void What_a_dead_worker_was_doing_another_takes_over_at_once() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, 1, Deadline) { Worker = Guid.AllBitsSet })
        .When(new StartStep(Photo, Job))
        .ThenEachTime(new StepStarted(Photo, Job, 2, Deadline));

    [Fact]
    public void What_a_living_worker_is_doing_is_its_own() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, 1, Noon.AddTicks(1)) { Worker = Guid.AllBitsSet })
        .When(new StartStep(Photo, Job) { IsHeld = true })
        .ThenRejected(ProcessRejection.Running);

    [Fact]
    public void At_its_deadline_another_takes_it_over_from_a_living_worker_too() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, 1, Noon) { Worker = Guid.AllBitsSet })
        .When(new StartStep(Photo, Job) { IsHeld = true })
        .ThenEachTime(new StepStarted(Photo, Job, 2, Deadline));

    [Fact]
    public void The_last_attempt_of_a_living_worker_has_not_failed_because_the_work_came_again() => process
        .Given(Planned(1, Thumbnail), Started(ProcessDecider.MaxAttempts))
        .When(new StartStep(Photo, Job) { IsHeld = true })
        .ThenRejected(ProcessRejection.Running);

    [Fact]
    public void An_attempt_that_found_no_room_counts_for_nothing_however_often()
    {
        List<ProcessEvent> history = [Planned(1, Thumbnail)];
        for (var time = 0; time < 3 * ProcessDecider.MaxAttempts; time++)
        {
            history.Add(new StepStarted(Photo, Job, 1, Deadline));
            process.Given([.. history]).When(new WaitForRoom(Photo, Job, 1)).Then(
                new StepDelayed(Photo, Job, 0, "There is no room for what is made of it.", Noon + ProcessDecider.RoomAfter));
            history.Add(new StepDelayed(Photo, Job, 0, "There is no room for what is made of it.", Noon));
        }

        process.Given([.. history]).When(new StartStep(Photo, Job)).ThenEachTime(new StepStarted(Photo, Job, 1, Deadline));
        process.Given([.. history]).When(new WaitForRoom(Photo, Job, 1)).ThenNothing();
        process.Given(Planned(1, Thumbnail), Started(2)).When(new WaitForRoom(Photo, Job, 1)).ThenNothing();
    }

    [Fact]
    public void Steps_are_planned_once()
    {
        var state = Fold(Planned(1, Thumbnail, Webp));
        var again = ProcessDecider.Decider.Decide(state, Plan(1, Thumbnail with { Job = Other }, Webp), Noon);
        Assert.Empty(Assert.IsType<Decision<ProcessEvent>.Accepted>(again).Events);
    }

    [Fact]
    public void Only_what_is_not_planned_yet_is_added()
    {
        var state = Fold(Planned(1, Thumbnail));
        var planned = Assert.IsType<Planned>(Assert.Single(Events(state, Plan(1, Thumbnail with { Job = new(Guid.NewGuid()) }, Webp))));
        Assert.Equal([Webp], planned.Steps);
    }

    [Fact]
    public void Another_version_gets_its_own_steps()
    {
        var planned = Assert.IsType<Planned>(Assert.Single(Events(Fold(Planned(1, Thumbnail)), Plan(2, Thumbnail with { Job = Other }))));
        Assert.Equal((2, Other), (planned.Version, planned.Steps[0].Job));
    }

    [Fact]
    public void Of_a_deleted_version_nothing_more_is_made_and_of_the_others_it_is() => process
        .Given(Planned(1, Thumbnail, Webp), new StepSucceeded(Photo, Other, "1", Made), Planned(2, Thumbnail with { Job = new(Guid.AllBitsSet) }))
        .When(new CancelVersion(Photo, 1))
        .Then(new StepFailed(Photo, Job, "version-deleted", "The version is deleted."));

    [Fact]
    public void What_was_made_of_a_deleted_version_too_late_is_refused() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepFailed(Photo, Job, "version-deleted", "The version is deleted."))
        .When(new SucceedStep(Photo, Job, "1", Made))
        .ThenRejected(ProcessRejection.Ended);

    [Fact]
    public void A_failed_step_may_be_planned_anew()
    {
        var state = Fold(Planned(1, Thumbnail), new StepFailed(Photo, Job, "corrupt", ""));
        var planned = Assert.IsType<Planned>(Assert.Single(Events(state, Plan(1, Thumbnail with { Job = Other }))));
        Assert.Equal(Other, planned.Steps[0].Job);
    }

    [Fact]
    public void A_made_variant_is_not_made_again() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepSucceeded(Photo, Job, "1", Made))
        .When(Plan(1, Thumbnail with { Job = Other }))
        .ThenNothing();

    [Fact]
    public void What_another_version_of_the_processor_made_is_made_again()
    {
        var state = Fold(Planned(1, Thumbnail), Started(1), new StepSucceeded(Photo, Job, "1", Made));
        var again = Thumbnail with { Job = Other, ProcessorVersion = "2" };
        Assert.Equal([again], Assert.IsType<Planned>(Assert.Single(Events(state, Plan(1, again)))).Steps);
        Assert.Empty(Events(state, Plan(1, again with { ProcessorVersion = "1" })));
    }

    [Fact]
    public void A_rerun_makes_again_what_was_made_and_leaves_alone_what_is_under_way()
    {
        var state = Fold(Planned(1, Thumbnail, Webp), Started(1), new StepSucceeded(Photo, Job, "1", Made));
        var again = Thumbnail with { Job = new(Guid.NewGuid()) };
        var rerun = Plan(1, again, Webp with { Job = new(Guid.NewGuid()) }) with { IsRerun = true };
        Assert.Equal([again], Assert.IsType<Planned>(Assert.Single(Events(state, rerun))).Steps);
    }

    [Fact]
    public void The_last_step_for_a_variant_is_the_one_that_counts()
    {
        var state = Fold(
            Planned(1, Thumbnail), Started(1), new StepSucceeded(Photo, Job, "1", Made), Planned(1, Thumbnail with { Job = Other }),
            new StepFailed(Photo, Other, "corrupt", ""));
        Assert.Equal(Other, state.LastFor(1, "thumbnail")!.Plan.Job);
        Assert.Equal(Job, state.StepFor(1, "thumbnail")!.Plan.Job);
        Assert.Equal(1, state.VariantsOf(1));
    }

    [Fact]
    public void One_variant_is_made_one_way_at_a_time()
    {
        var mark = new PlannedStep(Job, "watermark", "watermark", 9, 9) { Options = "{}" };
        var other = mark with { Job = Other };
        var wishes = Plan(1, other) with { Personal = ImmutableDictionary<JobId, string>.Empty.Add(Other, """{"text":"b"}""") };
        process.Given(Planned(1, mark), new Instructed(Photo, Job, """{"text":"a"}""")).When(wishes).ThenRejected(ProcessRejection.Running);
        process.Given(Planned(1, mark)).When(Plan(1, other)).ThenNothing();
        var made = Fold(Planned(1, mark), new Instructed(Photo, Job, """{"text":"a"}"""), Started(1), new StepSucceeded(Photo, Job, "1", Made));
        Assert.Equal([typeof(Planned), typeof(Instructed)], Events(made, wishes).Select(fact => fact.GetType()));
    }

    [Fact]
    public void Of_one_processor_there_may_be_fewer_variants_than_in_all()
    {
        PlannedStep Rendition(int side) => new(new(Guid.NewGuid()), "render", $"render-{side}", side, side);
        var state = Fold(Planned(1, Rendition(1), Rendition(2)));
        Assert.IsType<Decision<ProcessEvent>.Accepted>(ProcessDecider.Decider.Decide(state, Plan(1, Rendition(3)) with { MostOfItsProcessor = 3 }, Noon));
        Assert.Equal(ProcessRejection.TooManyVariants, Assert.IsType<Decision<ProcessEvent>.Rejected>(
            ProcessDecider.Decider.Decide(state, Plan(1, Rendition(3)) with { MostOfItsProcessor = 2 }, Noon)).Why);
    }

    [Fact]
    public void Variants_are_bounded()
    {
        var full = Enumerable.Range(0, ProcessDecider.MaxVariants)
            .Select(size => new PlannedStep(new(Guid.NewGuid()), "resize", $"resize-{size}", size, size)).ToArray();
        process.Given(Planned(1, [.. full])).When(Plan(1, Thumbnail)).ThenRejected(ProcessRejection.TooManyVariants);
        Assert.Single(Events(Fold(Planned(1, [.. full[1..]])), Plan(1, Thumbnail)));
        Assert.Single(Events(Fold(Planned(1, [.. full])), Plan(2, Thumbnail)));
    }

    [Fact]
    public void A_planned_step_starts_with_a_deadline() => process
        .Given(Planned(1, Thumbnail))
        .When(new StartStep(Photo, Job))
        .ThenEachTime(new StepStarted(Photo, Job, 1, Deadline));

    [Fact]
    public void A_running_step_is_not_started_twice() => process
        .Given(Planned(1, Thumbnail), Started(1))
        .When(new StartStep(Photo, Job) { IsHeld = true })
        .ThenRejected(ProcessRejection.Running);

    [Fact]
    public void A_step_past_its_deadline_is_started_again() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, 1, Noon))
        .When(new StartStep(Photo, Job))
        .ThenEachTime(new StepStarted(Photo, Job, 2, Deadline));

    [Fact]
    public void A_step_that_never_ends_fails_in_the_end() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, ProcessDecider.MaxAttempts, Noon))
        .When(new StartStep(Photo, Job))
        .ThenEachTime(new StepFailed(Photo, Job, "timed-out", "It never came to an end."));

    [Fact]
    public void A_delayed_step_waits_for_its_time() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepDelayed(Photo, Job, 1, "", Noon.AddTicks(1)))
        .When(new StartStep(Photo, Job))
        .ThenRejected(ProcessRejection.NotYet);

    [Fact]
    public void A_delayed_step_is_tried_again_when_its_time_has_come() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepDelayed(Photo, Job, 1, "", Noon))
        .When(new StartStep(Photo, Job))
        .ThenEachTime(new StepStarted(Photo, Job, 2, Deadline));

    [Fact]
    public void What_has_ended_is_not_started()
    {
        process.Given(Planned(1, Thumbnail), Started(1), new StepSucceeded(Photo, Job, "1", Made))
            .When(new StartStep(Photo, Job)).ThenRejected(ProcessRejection.Ended);
        process.Given(Planned(1, Thumbnail), new StepFailed(Photo, Job, "corrupt", ""))
            .When(new StartStep(Photo, Job)).ThenRejected(ProcessRejection.Ended);
    }

    [Fact]
    public void A_made_variant_is_recorded_once() => process
        .Given(Planned(1, Thumbnail), Started(1))
        .When(new SucceedStep(Photo, Job, "1", Made))
        .Then(new StepSucceeded(Photo, Job, "1", Made));

    [Fact]
    public void A_success_counts_even_after_its_deadline() => process
        .Given(Planned(1, Thumbnail), new StepStarted(Photo, Job, 1, Noon.AddHours(-1)))
        .When(new SucceedStep(Photo, Job, "1", Made))
        .Then(new StepSucceeded(Photo, Job, "1", Made));

    [Fact]
    public void A_failure_stands() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepFailed(Photo, Job, "timed-out", ""))
        .When(new SucceedStep(Photo, Job, "1", Made))
        .ThenRejected(ProcessRejection.Ended);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 20)]
    [InlineData(3, 80)]
    [InlineData(4, 320)]
    public void Each_wait_is_longer_than_the_last(int attempt, int seconds) => process
        .Given(Planned(1, Thumbnail), Started(attempt))
        .When(new DelayStep(Photo, Job, attempt, "no tool"))
        .Then(new StepDelayed(Photo, Job, attempt, "no tool", Noon.AddSeconds(seconds)));

    [Fact]
    public void The_last_attempt_is_the_last() => process
        .Given(Planned(1, Thumbnail), Started(ProcessDecider.MaxAttempts))
        .When(new DelayStep(Photo, Job, ProcessDecider.MaxAttempts, "no tool"))
        .Then(new StepFailed(Photo, Job, "gave-up", "no tool"));

    [Fact]
    public void News_of_an_older_attempt_change_nothing() => process
        .Given(Planned(1, Thumbnail), Started(2))
        .When(new DelayStep(Photo, Job, 1, "no tool"))
        .ThenNothing();

    [Fact]
    public void A_failure_is_recorded_once() => process
        .Given(Planned(1, Thumbnail), Started(1))
        .When(new FailStep(Photo, Job, "corrupt", "It is damaged."))
        .Then(new StepFailed(Photo, Job, "corrupt", "It is damaged."));

    [Fact]
    public void A_success_is_not_undone_by_a_later_failure() => process
        .Given(Planned(1, Thumbnail), Started(1), new StepSucceeded(Photo, Job, "1", Made))
        .When(new FailStep(Photo, Job, "corrupt", ""))
        .ThenNothing();

    [Fact]
    public void Cancelling_ends_everything() => process
        .Given(Planned(1, Thumbnail), Started(1))
        .When(new Cancel(Photo))
        .Then(new Cancelled(Photo));

    [Fact]
    public void A_file_without_steps_can_be_cancelled_too() => process
        .Given().When(new Cancel(Photo)).Then(new Cancelled(Photo));

    [Fact]
    public void After_cancelling_nothing_is_recorded_any_more()
    {
        foreach (var command in (ProcessCommand[])
        [
            Plan(2, Webp), new StartStep(Photo, Job), new SucceedStep(Photo, Job, "1", Made),
            new DelayStep(Photo, Job, 1, ""), new FailStep(Photo, Job, "corrupt", ""),
        ])
        {
            process.Given(Planned(1, Thumbnail), Started(1), new Cancelled(Photo))
                .When(command).ThenRejected(ProcessRejection.Cancelled);
        }
    }

    [Fact]
    public void Unknown_jobs_are_refused()
    {
        foreach (var command in (ProcessCommand[])
        [
            new StartStep(Photo, Other), new SucceedStep(Photo, Other, "1", Made),
            new DelayStep(Photo, Other, 1, ""), new FailStep(Photo, Other, "corrupt", ""),
        ])
        {
            process.Given(Planned(1, Thumbnail)).When(command).ThenRejected(ProcessRejection.NoSuchJob);
        }
    }

    private static Plan Plan(int version, params ImmutableArray<PlannedStep> steps) => new(Photo, version, Raw, "image/jpeg", steps);

    private static Planned Planned(int version, params ImmutableArray<PlannedStep> steps) => new(Photo, version, Raw, "image/jpeg", steps);

    private static StepStarted Started(int attempt) => new(Photo, Job, attempt, Deadline);

    private static ProcessState Fold(params ProcessEvent[] history) => ProcessDecider.Decider.Fold(history);

    private static ImmutableArray<ProcessEvent> Events(ProcessState state, ProcessCommand command) =>
        Assert.IsType<Decision<ProcessEvent>.Accepted>(ProcessDecider.Decider.Decide(state, command, Noon)).Events;
}
