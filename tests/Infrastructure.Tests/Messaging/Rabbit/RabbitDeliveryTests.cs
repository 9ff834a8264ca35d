using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using EventFiles.Features.Process;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Messaging.Rabbit;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.Tests.Children;
using EventFiles.Infrastructure.Tests.Processing;
using RabbitMQ.Client;
using static EventFiles.Features.Process.ProcessEvent;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

/// <summary>What a worker takes from the broker, what it learns with it, and that taking it often changes nothing.</summary>
[Collection(RabbitCollection.Name)]
public sealed class RabbitDeliveryTests(PostgresFixture postgres, RabbitFixture rabbit) : IAsyncLifetime
{
    private string database = "";
    private string url = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        url = await rabbit.CreateHost();
    }

    public async ValueTask DisposeAsync() => await rabbit.DeleteHost(url);

    [Fact]
    public async Task A_worker_takes_so_much_of_a_kind_and_leaves_the_rest_to_others()
    {
        var go = new TaskCompletionSource<Answer<Done>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await Running(new MessagingSettings
        {
            Concurrency = 2,
            ConcurrencyOf = new Dictionary<string, int>(StringComparer.Ordinal) { ["polish"] = 1 },
            TakenPerRunning = 3,
        });
        node.Duty.Do = (_, _) => go.Task;
        foreach (var i in Enumerable.Range(0, 20))
        {
            await node.Queue.Enqueue(new WorkItem("dust", new Dust($"{i}"), null, null), Cancel);
            await node.Queue.Enqueue(new WorkItem("polish", new Polish($"{i}"), null, null), Cancel);
        }

        var lanes = node.Get<WorkLanes>();
        await Wait.Until(() => (lanes["dust"].Running, lanes["dust"].Waiting, lanes["polish"].Running, lanes["polish"].Waiting) == (2, 4, 1, 2), "what they take");
        await using var raw = await RawChannel.Open(url);
        foreach (var (kind, left) in new[] { ("dust", 14U), ("polish", 17U) })
            Assert.Equal(left, (await raw.Channel.QueueDeclarePassiveAsync(RabbitTopology.QueueOf(kind), Cancel)).MessageCount);

        go.SetResult(default(Done));
        await Wait.Until(() => node.Duty.Done.Count == 40, "all of it");
    }

    [Fact]
    public async Task Work_goes_on_with_the_trace_in_its_headers()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var spans = new Spans(trace);
        await using var node = await Running(new MessagingSettings());
        await using var raw = await RawChannel.Open(url);
        await Wait.Until(async () => (await node.Get<IBroker>().Look(Cancel))["dust"].Consumers == 1, "the worker");
        await raw.Channel.BasicPublishAsync(
            RabbitTopology.WorkExchange, "dust", mandatory: true,
            new BasicProperties
            {
                Type = typeof(Dust).FullName,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = $"00-{trace}-00f067aa0ba902b7-01" },
            },
            Encoding.UTF8.GetBytes("""{"thing":"1","owner":"00000000-0000-0000-0000-000000000000"}"""), Cancel);
        await Wait.Until(() => spans.Ended.Any(span => span.Kind == ActivityKind.Consumer), "the worker's span");

        Assert.Equal("00f067aa0ba902b7", spans.Ended.Single(span => span.Kind == ActivityKind.Consumer).ParentSpanId.ToString());
    }

    [Fact]
    public async Task The_products_own_work_has_one_effect_however_often_and_in_whatever_order_it_comes()
    {
        const string trace = "00f067aa0ba902b7a3ce929d0e0e4736";
        using var spans = new Spans(trace);
        await using var workshop = await new Workshop(
            database, TimeProvider.System, all => all.AddRabbitMessaging(url, new MessagingSettings { ConcurrencyOf = All("process", 8) })).Start();
        var jobs = await workshop.Upload(Samples.Photo(40, 20), "image/jpeg");
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => new[]
        {
            workshop.HandOver(jobs, trace), workshop.HandOver(jobs.Reverse(), trace),
        }));
        await Wait.Until(async () => (await workshop.History()).OfType<StepSucceeded>().Count() >= jobs.Count, "the work");
        await workshop.HandOver(jobs, trace);
        // While it is done, it comes again and again. The relay hands it over once too: the seven of ours are over when
        // eight are, or seven are and its one has not come yet.
        await Wait.Until(() => workshop.Log.Lines.Count(line => line.Text.Contains("RunSteps answered", StringComparison.Ordinal)) >= 7, "the end of each");
        Assert.InRange(spans.Ended.Count(span => span.Kind == ActivityKind.Consumer), 7, int.MaxValue);

        var history = await workshop.History();
        Assert.Equal((jobs.Count, jobs.Count), (history.OfType<StepStarted>().Count(), history.OfType<StepSucceeded>().Count()));
        Assert.Equal(1 + (2 * jobs.Count), history.Count);
        Assert.Equal(5, (await workshop.Variants()).Count);
    }

    [Fact]
    public async Task What_another_node_is_doing_stays_at_the_broker_and_is_done_when_that_node_dies_although_its_own_message_is_gone()
    {
        await using var first = await new Workshop(database, TimeProvider.System).Appear();
        await using var second = await new Workshop(database, TimeProvider.System, all => all.AddRabbitMessaging(url), first).Start();
        var (reached, revived) = (new TaskCompletionSource(), new TaskCompletionSource());
        first.BeforeRendering = _ =>
        {
            reached.TrySetResult();
            return revived.Task;
        };
        second.BeforeRendering = _ => reached.Task;
        var jobs = (await first.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        var hung = first.Deliver(jobs);
        await Wait.For(reached.Task);
        await second.HandOver(jobs, "4bf92f3577b34da6a3ce929d0e0e4736");
        await Wait.Until(() => second.Log.Lines.Count(line => line.Text.Contains("RunSteps refused", StringComparison.Ordinal)) >= 2, "its second look");
        Assert.Equal(1, (await first.History()).OfType<StepStarted>().Count(started => started.Job == jobs[0].JobId));

        await first.Vanish();
        await Wait.Until(async () => (await second.History()).OfType<StepSucceeded>().Any(done => done.Job == jobs[0].JobId), "whoever takes it over");
        revived.SetResult();
        await Wait.For(hung);
        Assert.Equal([1, 2], (await first.History()).OfType<StepStarted>().Where(started => started.Job == jobs[0].JobId).Select(started => started.Attempt));
        Assert.Single((await first.History()).OfType<StepSucceeded>(), done => done.Job == jobs[0].JobId);
    }

    [Fact]
    public void What_waits_is_among_others_that_wait_no_more_than_twice_as_long()
    {
        using var node = new RabbitTopology(new WorkFormat(Shelf.Slices()), new MessagingSettings());
        foreach (var milliseconds in new[] { 1, 200, 399, 400, 5_000, 30_000, 60_000 })
        {
            var wait = TimeSpan.FromMilliseconds(milliseconds);
            var (key, stays) = node.WaitFor("dust", wait);
            Assert.Equal(wait, stays);
            var queue = int.Parse(key.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains($"{RabbitTopology.WaitExchange}.{queue}", node.WaitQueues);
            Assert.InRange(milliseconds, milliseconds < 200 ? 0 : queue, (2 * queue) - 1);
        }

        Assert.InRange(node.WaitFor("dust", TimeSpan.FromDays(30)).Wait, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
    }

    private static Dictionary<string, int> All(string kind, int concurrency) => new(StringComparer.Ordinal) { [kind] = concurrency };

    private Task<Node> Running(MessagingSettings settings) => new Node(
        new MemoryFeed(TimeProvider.System), settings: settings,
        messaging: (services, wanted) => services.AddRabbitMessaging(url, wanted), database: database).Start();

    /// <summary>The spans of one trace.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener listener;

        public Spans(string trace)
        {
            listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Tracing.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = span =>
                {
                    if (span.TraceId.ToString() == trace)
                        Ended.Enqueue(span);
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = [];

        public void Dispose() => listener.Dispose();
    }
}
