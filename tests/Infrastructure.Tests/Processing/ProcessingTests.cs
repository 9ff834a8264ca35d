using EventFiles.Features.Process;
using EventFiles.Infrastructure.Tests.Children;
using static EventFiles.Features.Process.ProcessEvent;

namespace EventFiles.Infrastructure.Tests.Processing;

public sealed class ProcessingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string[] OfPictures = ["metadata", "resize-1280", "resize-640", "thumbnail", "webp"];
    private readonly ManualTime time = new();
    private Workshop workshop = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => workshop = new Workshop(await postgres.CreateDatabase(), time);

    public ValueTask DisposeAsync() => workshop.DisposeAsync();

    [Fact]
    public async Task A_picture_gets_all_its_variants()
    {
        var jobs = await workshop.Upload(Samples.Photo(2000, 1000), "image/jpeg");

        await workshop.Deliver(jobs);

        Assert.Equal(["thumbnail", "resize", "resize", "webp", "metadata"], jobs.Select(job => job.Processor));
        Assert.Equal(OfPictures, await workshop.Variants());
        var made = (await workshop.History()).OfType<StepSucceeded>().Select(done => done.Made).OrderBy(one => one.Name, StringComparer.Ordinal);
        Assert.Equal(
            [("metadata", "application/json", 0, 0), ("resize-1280", "image/jpeg", 640, 1280), ("resize-640", "image/jpeg", 320, 640), ("thumbnail", "image/jpeg", 150, 300), ("webp", "image/webp", 640, 1280)],
            made.Select(one => (one.Name, one.ContentType, one.Width, one.Height)));
    }

    [Fact]
    public async Task A_document_gets_a_picture_of_its_first_page_its_facts_and_its_text()
    {
        await workshop.Deliver(await workshop.Upload(Samples.Pdf(595, 842), "application/pdf"));

        Assert.Equal(["metadata", "pdf_thumbnail", "text"], await workshop.Variants());
    }

    [Fact]
    public async Task A_video_gets_posters_in_the_sizes_of_pictures_and_a_sound_gets_a_picture_of_itself()
    {
        await workshop.Deliver(await workshop.Upload(MediaSamples.Video(".mp4", 1600, 800, ("red", 1)), "video/mp4"));
        await workshop.Deliver(await workshop.Upload(MediaSamples.Sound(".mp3", "sin(2*PI*440*t)", 1), "audio/mpeg", version: 2));

        Assert.Equal(
            [
                ("audio_waveform", "image/png", 600, 200), ("metadata", "application/json", 0, 0), ("metadata", "application/json", 0, 0),
                ("video_poster", "image/jpeg", 300, 150), ("video_poster-1280x1280", "image/jpeg", 1280, 640), ("video_poster-640x640", "image/jpeg", 640, 320),
            ],
            (await workshop.History()).OfType<StepSucceeded>().Select(done => done.Made).OrderBy(one => one.Name, StringComparer.Ordinal)
                .Select(one => (one.Name, one.ContentType, one.Width, one.Height)));
    }

    [Fact]
    public async Task Where_ffmpeg_is_missing_nothing_is_made_of_videos_and_nothing_fails()
    {
        workshop.Tools.IsEmpty = true;

        Assert.Empty(await workshop.Upload([1, 2, 3], "video/mp4"));
        Assert.Empty(await workshop.Upload([1, 2, 3], "audio/flac", version: 2));
        Assert.Empty(await workshop.History());
        Assert.Equal(ProcessRejection.ToolMissing, (await workshop.Send(new ProcessFile(
            Workshop.Owner, workshop.File, "audio_waveform", System.Collections.Immutable.ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty))).Refusal);
        var list = Assert.IsType<Answer<ProcessorList>.Yes>(await workshop.Send(new ListProcessors())).Value;
        var poster = list.Items.Single(one => one.Name == "video_poster");
        Assert.Equal(poster.ContentTypes, poster.UnavailableContentTypes);
        Assert.Contains("audio/flac", list.Items.Single(one => one.Name == "metadata").UnavailableContentTypes);
        Assert.Empty(list.Items.Single(one => one.Name == "thumbnail").UnavailableContentTypes);
        Assert.DoesNotContain(list.Chains, chain => chain.ContentType == "video/mp4");

        // Planned where it is, it waits for a worker that has it.
        workshop.Tools.IsEmpty = false;
        var jobs = await workshop.Upload(MediaSamples.TwoColoured(), "video/mp4", version: 3);
        workshop.Tools.IsEmpty = true;
        await workshop.Deliver(jobs);
        Assert.Equal(jobs.Count, (await workshop.History()).OfType<StepDelayed>().Count());
        workshop.Tools.IsEmpty = false;
        time.Advance(TimeSpan.FromMinutes(1));
        await workshop.Deliver(jobs);
        Assert.Equal(jobs.Count, (await workshop.History()).OfType<StepSucceeded>().Count());
    }

    [Fact]
    public async Task Of_other_types_nothing_is_made()
    {
        Assert.Empty(await workshop.Upload([1, 2, 3], "text/plain"));
        Assert.Empty(await workshop.History());
    }

    [Fact]
    public async Task Planning_again_gives_the_same_jobs()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");

        Assert.Equal(jobs, await workshop.Plan());
        Assert.Single(await workshop.History());
    }

    [Fact]
    public async Task Work_that_comes_twice_is_done_once()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");

        var both = Task.WhenAll(workshop.Deliver(jobs), workshop.Deliver(jobs.Reverse()));
        // Whoever finds the other in the way pauses by this clock.
        for (; !both.IsCompleted; await Task.Delay(5, Cancel))
            time.Advance(TimeSpan.FromMilliseconds(10));
        await both;
        await workshop.Deliver(jobs);

        var history = await workshop.History();
        Assert.Equal((5, 5), (history.OfType<StepStarted>().Count(), history.OfType<StepSucceeded>().Count()));
        Assert.Equal(11, history.Count);
    }

    [Fact]
    public async Task A_damaged_picture_fails_for_good()
    {
        var jobs = await workshop.Upload([0x89, .. "PNG\r\n\x1a\n"u8, 1, 2, 3], "image/png");

        await workshop.Deliver(jobs);
        time.Advance(TimeSpan.FromHours(1));
        await workshop.Deliver(jobs);

        var history = await workshop.History();
        Assert.Equal(Enumerable.Repeat("corrupt", 5), history.OfType<StepFailed>().Select(failed => failed.Code));
        Assert.Equal(11, history.Count);
        Assert.Empty(await workshop.Variants());
    }

    [Fact]
    public async Task A_missing_original_fails_for_good()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        await foreach (var original in workshop.Objects.List("raw/", Cancel))
            await workshop.Objects.Delete(original.Key, Cancel);

        await workshop.Deliver(jobs);

        Assert.All((await workshop.History()).OfType<StepFailed>(), failed => Assert.Equal("original-missing", failed.Code));
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_later_and_not_before()
    {
        var jobs = (await workshop.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        workshop.BeforeRendering = _ => throw new TransientException("No tool.");
        await workshop.Deliver(jobs);
        workshop.BeforeRendering = _ => Task.CompletedTask;

        await workshop.Deliver(jobs);
        Assert.Empty(await workshop.Variants());
        time.Advance(ProcessDecider.Backoff(1));
        await workshop.Deliver(jobs);

        Assert.Equal(
            [typeof(Planned), typeof(StepStarted), typeof(StepDelayed), typeof(StepStarted), typeof(StepSucceeded)],
            (await workshop.History()).Select(fact => fact.GetType()));
    }

    [Fact]
    public async Task What_never_passes_fails_after_five_attempts()
    {
        var jobs = (await workshop.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        workshop.BeforeRendering = _ => throw new IOException("The disk is on fire.");
        for (var attempt = 1; attempt <= ProcessDecider.MaxAttempts + 1; attempt++)
        {
            await workshop.Deliver(jobs);
            time.Advance(ProcessDecider.Backoff(attempt));
        }

        var history = await workshop.History();
        Assert.Equal(ProcessDecider.MaxAttempts, history.OfType<StepStarted>().Count());
        Assert.Equal("gave-up", Assert.IsType<StepFailed>(history[^1]).Code);
    }

    [Fact]
    public async Task What_finds_no_room_waits_as_long_as_there_is_none_and_begins_nothing_else_meanwhile()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        workshop.BeforeRendering = _ => throw new InvalidOperationException("Not stored.", new IOException("No space left on device", 28));
        for (var look = 0; look < 2 * ProcessDecider.MaxAttempts; look++)
        {
            await workshop.Deliver(jobs.Take(1));
            var meanwhile = (await workshop.Deliver(jobs.Skip(1))).Refusal;
            Assert.Equal((ProcessRejection.NoRoom.Code, RejectionKind.Conflict, ProcessDecider.RoomAfter), (meanwhile?.Code, meanwhile?.Kind, meanwhile?.RetryAfter));
            time.Advance(ProcessDecider.RoomAfter);
        }

        workshop.BeforeRendering = _ => Task.CompletedTask;
        await workshop.Deliver(jobs);

        var history = await workshop.History();
        Assert.Equal(2 * ProcessDecider.MaxAttempts, history.OfType<StepDelayed>().Count());
        Assert.All(history.OfType<StepStarted>(), started => Assert.Equal(1, started.Attempt));
        Assert.Equal(OfPictures, await workshop.Variants());
    }

    [Fact]
    public async Task A_worker_that_is_stopped_says_so()
    {
        var jobs = (await workshop.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        using var stopping = new CancellationTokenSource();
        workshop.BeforeRendering = async cancel =>
        {
            await stopping.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        };

        await workshop.Deliver(jobs, stopping.Token);

        Assert.Equal("The worker was stopped.", Assert.IsType<StepDelayed>((await workshop.History())[^1]).Reason);
    }

    [Fact]
    public async Task A_step_whose_worker_died_is_done_by_another_after_the_deadline()
    {
        var jobs = (await workshop.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        var reached = new TaskCompletionSource();
        var revived = new TaskCompletionSource();
        workshop.BeforeRendering = async _ =>
        {
            reached.SetResult();
            await revived.Task;
        };
        var dead = workshop.Deliver(jobs);
        await reached.Task;
        workshop.BeforeRendering = _ => Task.CompletedTask;

        await workshop.Deliver(jobs);
        Assert.Empty(await workshop.Variants());
        time.Advance(ProcessDecider.AttemptLimit);
        await workshop.Deliver(jobs);
        Assert.Equal(["thumbnail"], await workshop.Variants());

        // And when the dead one wakes up, it changes nothing.
        revived.SetResult();
        await dead;
        Assert.Equal(["thumbnail"], await workshop.Variants());
        Assert.Single((await workshop.History()).OfType<StepSucceeded>());
    }

    [Fact]
    public async Task A_variant_that_was_made_while_the_file_went_away_is_removed()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        workshop.BeforeRendering = _ => workshop.Delete();

        await workshop.Deliver(jobs);
        await workshop.Deliver(jobs);

        Assert.Empty(await workshop.Variants());
        Assert.IsType<Cancelled>((await workshop.History())[^1]);
        Assert.Empty(await workshop.Plan());
    }

    [Fact]
    public async Task A_late_success_of_a_step_that_was_given_up_leaves_nothing()
    {
        var jobs = (await workshop.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        var reached = new TaskCompletionSource();
        var revived = new TaskCompletionSource();
        workshop.BeforeRendering = async _ =>
        {
            reached.SetResult();
            await revived.Task;
        };
        var late = workshop.Deliver(jobs);
        await reached.Task;
        workshop.BeforeRendering = _ => throw new TransientException("No tool.");
        for (var attempt = 1; attempt <= ProcessDecider.MaxAttempts; attempt++)
        {
            time.Advance(ProcessDecider.AttemptLimit + ProcessDecider.Backoff(attempt));
            await workshop.Deliver(jobs);
        }

        revived.SetResult();
        await late;

        Assert.IsType<StepFailed>((await workshop.History())[^1]);
        Assert.Empty(await workshop.Variants());
    }
}
