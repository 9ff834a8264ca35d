using System.Collections.Immutable;
using System.Text.Json;
using EventFiles.Features.Process;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.Tests.Children;

namespace EventFiles.Infrastructure.Tests.Processing;

/// <summary>Requests through the mediator, with daemon, relay, queue and deadlines running.</summary>
public sealed class ProcessRequestTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int MostRenditions = 32;
    private static readonly Caller Stranger = new(NewId.Of<AccountId>(TimeProvider.System), NewId.Of<SessionId>(TimeProvider.System), true);
    private Workshop workshop = null!;

    public async ValueTask InitializeAsync() => workshop = await new Workshop(await postgres.CreateDatabase(), TimeProvider.System).Start();

    public ValueTask DisposeAsync() => workshop.DisposeAsync();

    [Fact]
    public async Task What_is_planned_is_done()
    {
        var jobs = await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");

        foreach (var job in jobs)
        {
            var reply = await Ended(job.JobId);
            Assert.Equal((StepStatus.Succeeded, 1, null), (reply.Status, reply.Attempts, reply.Error));
            Assert.Equal((workshop.File, job.Processor), (reply.FileId, reply.Processor));
        }

        Assert.Equal(5, (await workshop.Variants()).Count);
    }

    [Fact]
    public async Task What_is_wanted_is_made_once()
    {
        await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");

        var first = await Ask("resize", ("width", 50));
        var second = await Ask("resize", ("width", 50));

        Assert.Equal(Yes(first), Yes(second));
        var job = await Ended(Yes(first).JobId);
        Assert.Equal((StepStatus.Succeeded, "resize-50x4096"), (job.Status, job.Variant));
        Assert.Contains("resize-50x4096", await workshop.Variants());
    }

    [Fact]
    public async Task A_job_tells_why_it_failed()
    {
        var jobs = await workshop.Upload([1, 2, 3], "image/png");

        var job = await Ended(jobs[0].JobId);

        Assert.Equal((StepStatus.Failed, "corrupt"), (job.Status, job.Error?.Code));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");

        Assert.Equal(ProcessRejection.NoSuchProcessor, (await Ask("enlarge")).Refusal);
        Assert.Equal(ProcessRejection.NotForThisType, (await Ask("pdf_thumbnail")).Refusal);
        Assert.Equal(["options.width"], Wrong(await Ask("resize", ("width", 0))));
        Assert.Equal(["options.height"], Wrong(await Ask("resize", ("height", 4097))));
        Assert.Equal(["options.depth"], Wrong(await Ask("resize", ("depth", 1))));
        Assert.Equal(["options.fit", "options.width"], Wrong(await Ask("resize", ("fit", "stretch"), ("width", "wide"))));
        Assert.Equal(["options.text"], Wrong(await Ask("watermark")));
        Assert.Equal(["options.text"], Wrong(await Ask("watermark", ("text", "two\nlines"))));
        Assert.Single((await workshop.History()).OfType<ProcessEvent.Planned>());
    }

    [Fact]
    public async Task A_file_that_is_not_there_whole_is_not_processed()
    {
        Assert.Equal(ProcessRejection.NotReady, (await Ask("thumbnail")).Refusal);
        await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        workshop.IsTrashed = true;
        Assert.Equal(ProcessRejection.NotReady, (await Ask("thumbnail")).Refusal);
    }

    [Fact]
    public async Task A_strangers_job_looks_as_if_there_were_none()
    {
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        await Ended(jobs[0].JobId);

        var foreign = await workshop.Send(new ReadJob(Stranger, jobs[0].JobId));
        var none = await workshop.Send(new ReadJob(Stranger, new(Guid.NewGuid())));

        Assert.Equal(ProcessRejection.NoSuchJob, foreign.Refusal);
        Assert.Equal(none, foreign);
        Assert.Equal(
            AccessRejection.NoSuchFile,
            (await workshop.Send(new ProcessFile(Stranger, workshop.File, "thumbnail", ImmutableDictionary<string, JsonElement>.Empty))).Refusal);
    }

    [Fact]
    public async Task When_the_file_goes_its_jobs_are_cancelled()
    {
        var reached = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        workshop.BeforeRendering = cancel =>
        {
            reached.TrySetResult();
            return proceed.Task.WaitAsync(cancel);
        };
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        await reached.Task;

        await workshop.Delete();
        proceed.SetResult();

        var job = await When(jobs[0].JobId, reply => reply.Status is StepStatus.Cancelled);
        Assert.Null(job.NextAttemptAt);
        Assert.Equal(ProcessRejection.Cancelled, (await Ask("resize", ("width", 9))).Refusal);
    }

    [Fact]
    public async Task The_list_of_processors_is_the_registry()
    {
        var list = Yes(await workshop.Send(new ListProcessors()));

        Assert.Equal(ProcessorRegistry.All.Select(one => (one.Name, one.Version)), list.Items.Select(one => (one.Name, one.Version)));
        Assert.All(list.Items, one => Assert.NotEmpty(one.ContentTypes));
        var schema = list.Items.Single(one => one.Name == "resize").OptionsSchema;
        Assert.Equal("""{"type":"integer","minimum":1,"maximum":4096,"description":"Pixels at most; without it the height alone decides"}""", schema["properties"]!["width"]!.ToJsonString());
        Assert.False((bool)schema["additionalProperties"]!);
        Assert.Equal("text", (string?)list.Items.Single(one => one.Name == "watermark").OptionsSchema["oneOf"]![0]!["required"]![0]);
    }

    [Fact]
    public async Task What_is_made_anew_replaces_what_was_made_and_only_what_is_meant_is()
    {
        var jobs = await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");
        foreach (var job in jobs)
            await Ended(job.JobId);

        var nothing = Yes(await Rerun(new(Stale: true)));
        var never = Yes(await Rerun(new(VersionBelow: 1)));
        var others = Yes(await Rerun(new(Type: "application/*")));
        var one = Yes(await Rerun(new(Processor: "thumbnail", VersionBelow: 3, Type: "image/*")));

        Assert.Equal((0, 0, 0, 1), (nothing.Steps, never.Steps, others.Steps, one.Steps));
        var planned = (await workshop.History()).OfType<ProcessEvent.Planned>().ToList();
        Assert.Equal(2, planned.Count);
        var again = await Ended(planned[1].Steps[0].Job);
        Assert.Equal((StepStatus.Succeeded, "thumbnail", "2", false), (again.Status, again.Variant, again.ProcessorVersion, again.IsStale));
        Assert.Equal(5, (await workshop.Variants()).Count);
    }

    [Fact]
    public async Task What_failed_is_tried_anew_when_an_administrator_has_all_files_gone_through_and_nobody_anothermay()
    {
        var jobs = await workshop.Upload([1, 2, 3], "image/png");
        foreach (var job in jobs)
            await Ended(job.JobId);

        Assert.Equal(ProcessRejection.AdministratorsOnly, (await workshop.Send(new RerunPage(Workshop.Owner, new(Failed: true), false, null, 100))).Refusal);
        var counted = Yes(await workshop.Send(new RerunPage(Stranger, new(Failed: true), true, null, 100)));
        Assert.Single((await workshop.History()).OfType<ProcessEvent.Planned>());
        var planned = Yes(await workshop.Send(new RerunPage(Stranger, new(Failed: true), false, null, 100)));

        Assert.Equal((counted, 1, 1, 5, null), (planned, planned.Seen, planned.Files, planned.Steps, planned.NextCursor));
        foreach (var step in (await workshop.History()).OfType<ProcessEvent.Planned>().Last().Steps)
            Assert.Equal("corrupt", (await Ended(step.Job)).Error?.Code);
    }

    [Fact]
    public async Task What_came_before_its_program_was_installed_is_found_as_missing()
    {
        workshop.Tools.IsEmpty = true;
        Assert.Empty(await workshop.Upload(MediaSamples.TwoColoured(), "video/mp4"));
        await workshop.Seen();
        Assert.Equal((1, 0), await Missing());
        workshop.Tools.IsEmpty = false;

        Assert.Equal((1, 4), await Missing());
        foreach (var step in (await workshop.History()).OfType<ProcessEvent.Planned>().Last().Steps)
            Assert.Equal(StepStatus.Succeeded, (await Ended(step.Job)).Status);
        Assert.Equal((1, 0), await Missing());
        Assert.Equal(["metadata", "video_poster", "video_poster-1280x1280", "video_poster-640x640"], await workshop.Variants());

        async Task<(int Seen, int Steps)> Missing()
        {
            var reply = Yes(await workshop.Send(new RerunPage(Stranger, new(Missing: true), false, null, 100)));
            return (reply.Seen, reply.Steps);
        }
    }

    [Fact]
    public async Task Words_over_a_picture_stand_nowhere_in_plain_and_the_last_ones_stay()
    {
        await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");

        var first = Yes(await Ask("watermark", ("text", "Olga Example")));
        await Ended(first.JobId);
        var second = Yes(await Ask("watermark", ("text", "Other words")));
        var job = await Ended(second.JobId);

        Assert.NotEqual(first, second);
        Assert.Equal(("watermark", StepStatus.Succeeded), (job.Variant, job.Status));
        Assert.DoesNotContain("words", job.Options!.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        var planned = (await workshop.History()).OfType<ProcessEvent.Planned>().SelectMany(plan => plan.Steps);
        Assert.DoesNotContain(planned, step => step.ToString().Contains("Olga", StringComparison.Ordinal));
        Assert.Equal(2, (await workshop.History()).OfType<ProcessEvent.Instructed>().Count());
    }

    [Fact]
    public async Task A_picture_over_a_picture_is_made_once_for_each_of_its_versions()
    {
        await workshop.Upload(Samples.Plain(600, 400, [255, 255, 255], ".png"), "image/png");
        var mark = await workshop.Shelve(Samples.Plain(50, 25, [255, 0, 0], ".png"), "image/png", null, Workshop.Owner.Account);

        var first = Yes(await Ask("watermark", ("picture", mark.Value), ("opacity", 100)));
        var job = await Ended(first.JobId);
        Assert.Equal((StepStatus.Succeeded, null), (job.Status, job.Error));
        Assert.Equal($"{mark} 1 20", $"{job.Options!["picture"]} {job.Options["pictureVersion"]} {job.Options["size"]}");
        Assert.Equal("255 0 0", await Colour(530, 360));
        Assert.Equal("255 255 255", await Colour(300, 200));
        Assert.Equal(first, Yes(await Ask("watermark", ("picture", mark.Value), ("opacity", 100))));

        await workshop.Shelve(Samples.Plain(50, 25, [0, 0, 255], ".png"), "image/png", mark);
        var second = Yes(await Ask("watermark", ("picture", mark.Value), ("opacity", 100)));
        Assert.NotEqual(first, second);
        Assert.Equal(StepStatus.Succeeded, (await Ended(second.JobId)).Status);
        Assert.Equal("0 0 255", await Colour(530, 360));
        // Made anew, it is what it was, whatever version the picture has by then; and a former version may be named.
        await workshop.Shelve(Samples.Plain(50, 25, [0, 255, 0], ".png"), "image/png", mark);
        Assert.Equal(1, Yes(await Rerun(new(Variant: "watermark"))).Steps);
        var again = (await workshop.History()).OfType<ProcessEvent.Planned>().Last().Steps[0].Job;
        Assert.Equal(StepStatus.Succeeded, (await Ended(again)).Status);
        Assert.Equal("0 0 255", await Colour(530, 360));
        await Ended(Yes(await Ask("watermark", ("picture", mark.Value), ("pictureVersion", 1), ("opacity", 100))).JobId);
        Assert.Equal("255 0 0", await Colour(530, 360));
    }

    [Fact]
    public async Task Without_the_picture_that_is_to_be_laid_over_it_nothing_is_made()
    {
        await workshop.Upload(Samples.Plain(60, 40, [255, 255, 255], ".png"), "image/png");
        var (red, another) = (Samples.Plain(5, 5, [255, 0, 0], ".png"), Stranger.Account);
        var mark = await workshop.Shelve(red, "image/png", null, Workshop.Owner.Account);

        // Refused: nobody's, another's, no picture, too large, infected, and under "require" not looked at.
        Assert.Equal(ProcessRejection.NoSuchMark, (await Ask("watermark", ("picture", Guid.NewGuid()))).Refusal);
        Assert.Equal(ProcessRejection.NoSuchMark, (await Ask("watermark", ("picture", (await workshop.Shelve(red, "image/png", null, another)).Value))).Refusal);
        Assert.Equal(ProcessRejection.NoSuchMark, (await Ask("watermark", ("picture", mark.Value), ("pictureVersion", 2))).Refusal);
        Assert.Equal(ProcessRejection.MarkIsNoPicture, (await Ask(
            "watermark", ("picture", (await workshop.Shelve([1], "text/plain", null, Workshop.Owner.Account)).Value))).Refusal);
        Assert.Equal(ProcessRejection.MarkTooLarge, (await Ask(
            "watermark", ("picture", (await workshop.Shelve(new byte[RenderMark.MaxPictureBytes + 1], "image/png", null, Workshop.Owner.Account)).Value))).Refusal);
        workshop.Shelf[mark] = workshop.Shelf[mark] with { Scan = new(ScanVerdict.Infected, ScanPolicy.Warn) };
        Assert.Equal(ScanRejection.Infected, (await Ask("watermark", ("picture", mark.Value))).Refusal);
        workshop.Shelf[mark] = workshop.Shelf[mark] with { Scan = new(ScanVerdict.NotScanned, ScanPolicy.Require) };
        Assert.Equal(ScanRejection.NotYet, (await Ask("watermark", ("picture", mark.Value))).Refusal);
        Assert.Equal(["options.text"], Wrong(await Ask("watermark", ("picture", mark.Value), ("text", "Olga"))));
        Assert.Single((await workshop.History()).OfType<ProcessEvent.Planned>());

        // Found, taken away or gone between the wish and the work.
        foreach (var (opacity, code, befall) in new (int, string, Action)[]
        {
            (11, "mark-closed", () => workshop.Shelf[mark] = workshop.Shelf[mark] with { Scan = new(ScanVerdict.Infected, ScanPolicy.Warn) }),
            (12, "mark-missing", () => workshop.Shelf[mark] = workshop.Shelf[mark] with { Readers = [another] }),
            (13, "mark-missing", () => workshop.Shelf[mark] = workshop.Shelf[mark] with { Versions = [] }),
            (14, "mark-corrupt", () => workshop.Shelf[mark] = workshop.Shelf[mark] with { Versions = [(workshop.Shelf.Values.First(one => one.ContentType == "text/plain").Versions[0])] }),
        })
        {
            var whole = workshop.Shelf[mark] = workshop.Shelf[mark] with { Scan = null };
            var held = new TaskCompletionSource();
            workshop.BeforePicture = held.Task;
            var job = Yes(await Ask("watermark", ("picture", mark.Value), ("opacity", opacity))).JobId;
            befall();
            held.SetResult();
            var ended = await Ended(job);
            Assert.Equal((StepStatus.Failed, code), (ended.Status, ended.Error?.Code));
            workshop.Shelf[mark] = whole;
        }

        Assert.DoesNotContain("watermark", await workshop.Variants());
    }

    [Fact]
    public async Task What_is_made_of_a_picture_does_not_stand_behind_what_takes_long()
    {
        await using var small = await new Workshop(
            await postgres.CreateDatabase(), TimeProvider.System, all => all.AddInProcessMessaging(new MessagingSettings { Concurrency = 1 })).Start();
        var end = new TaskCompletionSource();
        small.LongMayEnd = end.Task;
        var document = await small.Upload(Samples.Pdf(200, 200), "application/pdf");
        await Wait.Until(async () => (await small.History()).OfType<ProcessEvent.StepStarted>().Any(), "the document is being drawn");

        var picture = await small.Upload(Samples.Photo(400, 200), "image/jpeg", version: 2);
        await Wait.Until(async () => Ends(await small.History()).IsSupersetOf(picture.Select(job => job.JobId)), "all is made of the picture");
        Assert.False(Ends(await small.History()).Overlaps(document.Select(job => job.JobId)));

        end.SetResult();
        await Wait.Until(async () => Ends(await small.History()).IsSupersetOf(document.Select(job => job.JobId)), "all is made of the document");
    }

    [Fact]
    public async Task What_waited_for_the_scanner_goes_on_in_the_line_of_its_kind()
    {
        // No queue brings it work: what goes on does so by these two alone.
        await using var alone = await new Workshop(await postgres.CreateDatabase(), TimeProvider.System).Appear();
        alone.Scan = new(ScanVerdict.NotScanned, ScanPolicy.Require);
        var document = await alone.Upload(Samples.Pdf(200, 200), "application/pdf");
        alone.Scan = new(ScanVerdict.Clean, ScanPolicy.Require);

        await alone.Send(new ResumeSteps(Workshop.Owner.Account, alone.File));
        Assert.Empty(Ends(await alone.History()));
        await alone.Send(new ResumeLongSteps(Workshop.Owner.Account, alone.File));
        Assert.Equal(document.Select(job => job.JobId).ToHashSet(), Ends(await alone.History()));
    }

    [Fact]
    public async Task A_rendition_is_made_once_and_its_address_is_for_whoever_has_it_while_its_maker_may_read()
    {
        await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");
        var wish = new RenditionWish(Width: 60, Format: "png");

        var first = Yes(await workshop.Send(new OpenRendition(Workshop.Owner, workshop.File, wish)));
        var again = Yes(await workshop.Send(new OpenRendition(Workshop.Owner, workshop.File, wish with { Fit = "inside" })));
        Assert.Equal(("image/png", first.ETag), (first.ContentType, again.ETag));
        Assert.Contains("60x120", Samples.Describe(first.Content), StringComparison.Ordinal);
        Assert.Single(await workshop.Variants(), name => name.StartsWith("render", StringComparison.Ordinal));
        await again.Content.DisposeAsync();

        Assert.Equal(AccessRejection.NoSuchFile, (await workshop.Send(new OpenRendition(Stranger, workshop.File, wish))).Refusal);
        Assert.Equal(AccessRejection.NoSuchFile, (await workshop.Send(new MakeRenditionLink(Stranger, workshop.File, wish, 60))).Refusal);
        Assert.Equal(["options.format"], Wrong(await workshop.Send(new OpenRendition(Workshop.Owner, workshop.File, wish with { Format = "bmp" }))));

        var link = Yes(await workshop.Send(new MakeRenditionLink(Workshop.Owner, workshop.File, wish, 60)));
        var token = link.Url.Split('/')[^1];
        await Yes(await workshop.Send(new OpenRenditionLink(token))).Content.DisposeAsync();
        Assert.Equal(ProcessRejection.NoSuchRendition, (await workshop.Send(new OpenRenditionLink(token[..^4] + "AAAA"))).Refusal);
        Assert.Equal(ProcessRejection.NoSuchRendition, (await workshop.Send(new OpenRenditionLink("none"))).Refusal);
        workshop.IsTrashed = true;
        Assert.Equal(ProcessRejection.NoSuchRendition, (await workshop.Send(new OpenRenditionLink(token))).Refusal);
    }

    [Fact]
    public async Task An_address_ends_at_its_time()
    {
        await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        var link = Yes(await workshop.Send(new MakeRenditionLink(Workshop.Owner, workshop.File, new(Width: 9), 1)));

        await Wait.Until(
            async () => (await workshop.Send(new OpenRenditionLink(link.Url.Split('/')[^1]))).Refusal == ProcessRejection.NoSuchRendition,
            "the end of the address");
        Assert.True(TimeProvider.System.GetUtcNow() >= link.ExpiresAt);
        Assert.Equal(PipelineServices.WrongShape.Code, (await workshop.Send(
            new MakeRenditionLink(Workshop.Owner, workshop.File, new(Width: 9), 8 * 24 * 3600))).Refusal?.Code);
    }

    [Fact]
    public async Task Readers_cannot_have_any_number_of_renditions_made()
    {
        await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");

        var refusals = await Task.WhenAll(Enumerable.Range(1, MostRenditions + 3).Select(async width =>
        {
            var answer = await workshop.Send(new OpenRendition(Workshop.Owner, workshop.File, new(Width: width)));
            if (answer is Answer<RenditionContent>.Yes(var made, _))
                await made.Content.DisposeAsync();
            return answer.Refusal;
        }));

        Assert.Equal(3, refusals.Count(refusal => refusal == ProcessRejection.TooManyVariants));
        Assert.All(refusals, refusal => Assert.True(refusal is null || refusal == ProcessRejection.TooManyVariants || refusal == ProcessRejection.RenditionUnderWay));
        Assert.Equal(MostRenditions, (await workshop.History()).OfType<ProcessEvent.Planned>().Skip(1).Count());
    }

    [Fact]
    public async Task What_cannot_be_made_is_tried_once_however_often_somebody_looks()
    {
        await workshop.Upload([1, 2, 3], "image/png");

        for (var look = 0; look < 3; look++)
            Assert.Equal(ProcessRejection.CannotRender, (await workshop.Send(new OpenRendition(Workshop.Owner, workshop.File, new(Width: 9)))).Refusal);

        Assert.Single((await workshop.History()).OfType<ProcessEvent.Planned>().Skip(1));
    }

    private static HashSet<JobId> Ends(IEnumerable<ProcessEvent> history) => [.. history.OfType<ProcessEvent.StepSucceeded>().Select(step => step.Job)];

    private async Task<string> Colour(int x, int y)
    {
        await using var made = (await workshop.Objects.Open(ObjectKey.Variant(workshop.File, 1, "watermark"), TestContext.Current.CancellationToken))!;
        using var bytes = new MemoryStream();
        await made.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        var file = Samples.File(Samples.Convert(bytes.ToArray(), ".png"), ".png");
        // What is written as WebP loses a little.
        return string.Join(' ', Samples.Point(file, x, y).Take(3).Select(value => value > 245 ? 255 : value < 10 ? 0 : value));
    }

    private static IEnumerable<string> Wrong<T>(Answer<T> answer)
    {
        Assert.Equal(ProcessRejection.BadOptions.Code, answer.Refusal?.Code);
        return answer.Refusal!.Errors!.Keys.Order(StringComparer.Ordinal);
    }

    private Task<Answer<RerunReply>> Rerun(RerunWhere where) => workshop.Send(new RerunFile(Workshop.Owner, workshop.File, where));

    private Task<Answer<ProcessAccepted>> Ask(string processor, params (string Name, object Value)[] options) =>
        workshop.Send(new ProcessFile(Workshop.Owner, workshop.File, processor, options.ToDictionary(
            one => one.Name, one => JsonSerializer.SerializeToElement(one.Value), StringComparer.Ordinal)));

    private Task<JobReply> Ended(JobId job) => When(job, reply => reply.EndedAt is not null);

    private async Task<JobReply> When(JobId job, Func<JobReply, bool> isSo)
    {
        var giveUp = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await workshop.Send(new ReadJob(Workshop.Owner, job)) is Answer<JobReply>.Yes(var reply, _) && isSo(reply))
                return reply;
            Assert.True(TimeProvider.System.GetElapsedTime(giveUp) < TimeSpan.FromMinutes(3), "Waited in vain.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static T Yes<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;
}
