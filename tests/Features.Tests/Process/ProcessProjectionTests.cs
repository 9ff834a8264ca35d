using EventFiles.Features.Process;
using static EventFiles.Features.Process.ProcessEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Tests.Process;

public sealed class ProcessProjectionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Owner = new(Guid.NewGuid());
    private static readonly FileId Photo = new(Guid.NewGuid());
    private static readonly PlannedStep First = new(new(Guid.NewGuid()), "thumbnail", "thumbnail", 300, 300);
    private static readonly PlannedStep Second = new(new(Guid.NewGuid()), "webp", "webp", 1280, 1280);
    private readonly Projection<ProcessView> projection = ProcessProjection.Define();

    [Fact]
    public void A_queued_job_is_looked_after()
    {
        var view = Fold(Planned(1, First));

        Assert.Equal((StepStatus.Queued, Noon, Owner), (view.Jobs[0].Status, view.Jobs[0].CreatedAt, view.Owner));
        Assert.Equal(Noon + ProcessProjection.QueueLimit, view.Due);
    }

    [Fact]
    public void The_earliest_thing_to_do_is_due()
    {
        var view = Fold(Planned(1, First, Second), Started(First, 1, Noon.AddMinutes(5)));

        Assert.Equal(Noon.AddMinutes(5), view.Due);
        Assert.Contains(new IndexEntry(ProcessProjection.Due, IndexEntry.Time(Noon.AddMinutes(5))), Entries(view));
    }

    [Fact]
    public void A_delayed_job_tells_why_and_until_when()
    {
        var view = Fold(Planned(1, First), Started(First, 1, Noon), new StepDelayed(Photo, First.Job, 1, "no tool", Noon.AddSeconds(5)));

        Assert.Equal((StepStatus.Delayed, 1, new JobError("unavailable", "no tool")), (view.Jobs[0].Status, view.Jobs[0].Attempts, view.Jobs[0].Error));
        Assert.Equal(Noon.AddSeconds(5), view.Due);
    }

    [Fact]
    public void When_all_has_ended_nothing_is_due()
    {
        var view = Fold(
            Planned(1, First, Second),
            new StepFailed(Photo, First.Job, "corrupt", "It is damaged."),
            new StepSucceeded(Photo, Second.Job, "1", new MadeVariant(1, "webp", new("processed/x/1/webp"), "image/webp", 1, 1, 1)));

        Assert.Equal([StepStatus.Failed, StepStatus.Succeeded], view.Jobs.Select(job => job.Status));
        Assert.Equal(new JobError("corrupt", "It is damaged."), view.Jobs[0].Error);
        Assert.All(view.Jobs, job => Assert.Equal(Noon, job.EndedAt));
        Assert.Null(view.Due);
        Assert.DoesNotContain(Entries(view), entry => string.Equals(entry.Index, ProcessProjection.Due, StringComparison.Ordinal));
    }

    [Fact]
    public void When_it_is_cancelled_nothing_is_due() =>
        Assert.Null(Fold(Planned(1, First), new Cancelled(Photo)).Due);

    [Fact]
    public void A_job_is_found_by_its_id()
    {
        var view = Fold(Planned(1, First, Second));

        Assert.Contains(Entries(view), entry => string.Equals(entry.Index, ProcessProjection.IndexOf(First.Job), StringComparison.Ordinal));
        Assert.Contains(Entries(view), entry => string.Equals(entry.Index, ProcessProjection.IndexOf(Second.Job), StringComparison.Ordinal));
    }

    [Fact]
    public void Ended_jobs_of_versions_long_replaced_fall_out()
    {
        var view = Fold(
            Planned(1, First, Second),
            new StepFailed(Photo, First.Job, "corrupt", ""),
            Planned(1 + ProcessProjection.VersionsKept, First with { Job = new(Guid.NewGuid()) }));

        Assert.Equal([1, 1 + ProcessProjection.VersionsKept], view.Jobs.Select(job => job.Version));
        Assert.Equal(Second.Job, view.Jobs[0].Id);
    }

    [Fact]
    public void A_cancellation_without_a_plan_shows_nothing() =>
        Assert.Null(projection.Fold(null, Recorded(new Cancelled(Photo))));

    [Fact]
    public void What_lacked_a_program_is_among_all_and_what_nobody_makes_anything_of_is_not()
    {
        RecordedEvent Uploaded(string contentType) => new(
            1, ProcessDecider.StreamOf(Owner, Photo), 1, Guid.NewGuid(), "upload", Noon,
            new UploadEvent.Completed(new(Guid.NewGuid()), Photo, 1, default, "a", contentType, 1, "00", new("raw/x")));
        Assert.Null(projection.Fold(null, Uploaded("application/octet-stream")));
        var view = Assert.IsType<ProcessView>(projection.Fold(null, Uploaded("video/mp4")));
        Assert.Equal([new IndexEntry(ProcessProjection.Files, "")], Entries(view));
        Assert.Equal((Owner, Photo, 0), (view.Owner, view.File, view.Jobs.Length));
        Assert.Empty(Entries(Assert.IsType<ProcessView>(projection.Fold(view, Recorded(new Cancelled(Photo))))));
        // The plan may stand before the upload in the log.
        Assert.Single(Assert.IsType<ProcessView>(projection.Fold(projection.Fold(null, Recorded(Planned(1, First))), Uploaded("video/mp4"))).Jobs);
    }

    private static Planned Planned(int version, params PlannedStep[] steps) => new(Photo, version, new("raw/x"), "image/jpeg", [.. steps]);

    private static StepStarted Started(PlannedStep step, int attempt, DateTimeOffset deadline) => new(Photo, step.Job, attempt, deadline);

    private static RecordedEvent Recorded(ProcessEvent fact) =>
        new(1, ProcessDecider.StreamOf(Owner, Photo), 1, Guid.NewGuid(), "process", Noon, fact);

    private ProcessView Fold(params ProcessEvent[] facts)
    {
        object? view = null;
        foreach (var fact in facts)
        {
            Assert.Equal(Photo.ToString(), projection.KeyOf(Recorded(fact)));
            view = projection.Fold(view, Recorded(fact));
        }

        return Assert.IsType<ProcessView>(view);
    }

    private List<IndexEntry> Entries(ProcessView view) => [.. projection.Entries(Photo.ToString(), view)];
}
