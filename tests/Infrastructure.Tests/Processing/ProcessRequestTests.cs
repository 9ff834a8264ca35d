using System.Text.Json;
using EventFiles.Features.Process;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.Tests.Children;

namespace EventFiles.Infrastructure.Tests.Processing;

/// <summary>Requests through the mediator, with daemon, relay, queue and deadlines running.</summary>
public sealed class ProcessRequestTests(PostgresFixture postgres) : IAsyncLifetime
{
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

        Assert.Equal(4, (await workshop.Variants()).Count);
    }

    [Fact]
    public async Task What_is_wanted_is_made_once()
    {
        await workshop.Upload(Samples.Photo(400, 200), "image/jpeg");

        var first = await Ask("resize", new(Width: 50));
        var second = await Ask("resize", new(Width: 50));

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
        Assert.Equal(PipelineServices.WrongShape.Code, (await Ask("resize", new(Width: 0))).Refusal?.Code);
        Assert.Equal(PipelineServices.WrongShape.Code, (await Ask("resize", new(Height: 4097))).Refusal?.Code);
        Assert.Equal(PipelineServices.WrongShape.Code, (await Ask(
            "resize", JsonSerializer.Deserialize<ProcessOptions>("""{"depth":1}""", JsonSerializerOptions.Web)!)).Refusal?.Code);
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
            (await workshop.Send(new ProcessFile(Stranger, workshop.File, "thumbnail", new()))).Refusal);
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
        Assert.Equal(ProcessRejection.Cancelled, (await Ask("resize", new(Width: 9))).Refusal);
    }

    [Fact]
    public async Task The_list_of_processors_is_the_registry()
    {
        var list = Yes(await workshop.Send(new ListProcessors()));

        Assert.Equal(["thumbnail", "resize", "webp", "pdf_thumbnail"], list.Items.Select(one => one.Name));
        Assert.All(list.Items, one => Assert.NotEmpty(one.ContentTypes));
        Assert.Equal(new ProcessorOption("width", 1, 4096, 1280), list.Items[1].Options[0]);
    }

    private Task<Answer<ProcessAccepted>> Ask(string processor, ProcessOptions? options = null) =>
        workshop.Send(new ProcessFile(Workshop.Owner, workshop.File, processor, options ?? new()));

    private Task<JobReply> Ended(JobId job) => When(job, reply => reply.EndedAt is not null);

    private async Task<JobReply> When(JobId job, Func<JobReply, bool> isSo)
    {
        var giveUp = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await workshop.Send(new ReadJob(Workshop.Owner, job)) is Answer<JobReply>.Yes(var reply, _) && isSo(reply))
                return reply;
            Assert.True(TimeProvider.System.GetElapsedTime(giveUp) < TimeSpan.FromSeconds(60), "Waited in vain.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static T Yes<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;
}
