using System.Text;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Messaging.Rabbit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

/// <summary>What the broker and the network do to the nodes: each goes on by itself, without a restart of ours.</summary>
[Collection(RabbitCollection.Name)]
public sealed class RabbitFaultTests(PostgresFixture postgres, RabbitFixture rabbit) : IAsyncLifetime
{
    private readonly MemoryFeed feed = new(TimeProvider.System);
    private readonly MemoryCheckpoints checkpoints = new();
    private readonly List<Node> nodes = [];
    private string database = "";
    private string url = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        url = await rabbit.CreateHost();
    }

    public async ValueTask DisposeAsync()
    {
        // Who fails while it is frozen leaves it to the others as it was.
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            await rabbit.Thaw();
        foreach (var (node, number) in nodes.Select((node, number) => (node, number)))
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                TestContext.Current.TestOutputHelper?.WriteLine($"Node {number}:\n{string.Join('\n', node.Log.Lines)}");
            await node.DisposeAsync();
        }

        await rabbit.DeleteHost(url);
    }

    [Fact]
    public async Task An_outage_with_exactly_one_message_waiting_ends_with_that_message_delivered()
    {
        var node = await Running();
        feed.Append(new Placed("before", "top", "a"));
        await Wait.Until(() => Things(node).Count == 1 && checkpoints[Relay.Checkpoint] == feed.Head, "the work before the outage");
        var before = checkpoints[Relay.Checkpoint];
        var health = new Reachability(node.Get<IEnumerable<IDependency>>(), TimeProvider.System, NullLogger<Reachability>.Instance);
        await IsSeenAs(health, "ok");

        // Frozen: what is published fills a socket and is read by nobody. Then killed: it is lost.
        await rabbit.Freeze();
        feed.Append(new Placed("waiting", "top", "b"));
        await Wait.Until(() => node.Get<MessagingMetrics>().Outstanding == 1 || checkpoints[Relay.Checkpoint] > before, "the message on its way");
        Assert.Equal(before, checkpoints[Relay.Checkpoint]);
        await IsSeenAs(health, "out of reach");
        await rabbit.Kill();
        await IsSeenAs(health, "out of reach");

        // Who starts while the broker is away waits for it too.
        var second = await Running();
        await rabbit.Restart();
        await IsSeenAs(health, "ok");
        await Wait.Until(() => Things(node).Concat(Things(second)).Contains("waiting"), "the message that waited");
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");

        feed.Append(new Placed("after", "top", "c"));
        await Wait.Until(() => Things(node).Concat(Things(second)).Contains("after"), "the work after the outage");
        Assert.Empty(await node.DeadLetters.List(10, Cancel));
    }

    [Fact]
    public async Task What_was_confirmed_is_done_after_the_broker_was_stopped_and_started_again()
    {
        var publisher = await Running(consumes: false);
        feed.Append([.. Enumerable.Range(0, 100).Select(i => new Placed($"{i}", "top", "a"))]);
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the confirms");
        await rabbit.Stop();
        feed.Append(new Placed("meanwhile", "top", "a"));
        await rabbit.Restart();

        var worker = await Running(MemoryCheckpointsAt(feed.Head));
        await Wait.Until(() => Things(worker).Distinct().Count() == 101, "all of it");
        Assert.Empty(publisher.Duty.Done);
    }

    [Fact]
    public async Task Connections_that_are_cut_and_a_queue_that_is_deleted_are_made_again()
    {
        var node = await Running();
        feed.Append(new Placed("1", "top", "a"));
        await Wait.Until(() => Things(node).Contains("1"), "the work");

        await Wait.Until(async () => await rabbit.CutConnections(url) > 0, "connections to cut");
        feed.Append(new Placed("2", "top", "a"));
        await Wait.Until(() => Things(node).Contains("2"), "the work after the cut");

        await using (var channel = await Raw())
            await channel.Channel.QueueDeleteAsync(RabbitTopology.QueueOf("dust"), cancellationToken: Cancel);
        feed.Append(new Placed("3", "top", "a"));
        // A broker that says nothing of it, neither to who sends nor to who takes, is found out after some timeouts.
        await Wait.Until(() => Things(node).Contains("3"), "the work after the deletion", TimeSpan.FromMinutes(4));

        // A channel that the broker closes: for a message that nobody has.
        await using (var channel = await Raw())
            await channel.Channel.BasicAckAsync(4711, multiple: false, Cancel);
        feed.Append(new Placed("4", "top", "a"));
        await Wait.Until(() => Things(node).Contains("4"), "the work after the error");
        await Wait.Until(() => checkpoints[Relay.Checkpoint] == feed.Head, "the checkpoint");
    }

    [Fact]
    public async Task Every_queue_is_a_quorum_queue_that_says_what_becomes_of_its_dead()
    {
        await Running();
        await Wait.Until(async () => await Exists(RabbitTopology.QueueOf("lossy")) && await Exists($"{RabbitTopology.WaitExchange}.20"), "the queues");
        var work = (await rabbit.Queue(url, RabbitTopology.QueueOf("dust"))).GetProperty("arguments");
        Assert.Equal(
            ("quorum", RabbitTopology.DeliveryLimit, RabbitTopology.Dead, "at-least-once", "reject-publish"),
            (work.GetProperty("x-queue-type").GetString(), work.GetProperty("x-delivery-limit").GetInt32(),
                work.GetProperty("x-dead-letter-exchange").GetString(), work.GetProperty("x-dead-letter-strategy").GetString(),
                work.GetProperty("x-overflow").GetString()));
        var wait = (await rabbit.Queue(url, $"{RabbitTopology.WaitExchange}.20")).GetProperty("arguments");
        Assert.Equal(
            ("quorum", RabbitTopology.WorkExchange),
            (wait.GetProperty("x-queue-type").GetString(), wait.GetProperty("x-dead-letter-exchange").GetString()));
    }

    [Fact]
    public async Task Garbage_ends_as_a_dead_letter_and_holds_up_nothing()
    {
        var node = await Running();
        // A quorum queue is there before it has a leader, and what is sent to it then without a confirm may be lost.
        feed.Append(new Placed("0", "top", "a"));
        await Wait.Until(() => Things(node).Contains("0"), "the queue");
        await using (var raw = await Raw())
        {
            byte[][] bodies = [[0, 255, 0, 254], Encoding.UTF8.GetBytes("null"), Encoding.UTF8.GetBytes("{\"thing\":"), []];
            foreach (var body in bodies)
                await raw.Channel.BasicPublishAsync(RabbitTopology.WorkExchange, "dust", mandatory: true, new BasicProperties { Type = typeof(Dust).FullName }, body, Cancel);
            await raw.Channel.BasicPublishAsync(RabbitTopology.WorkExchange, "dust", mandatory: true, new BasicProperties(), Encoding.UTF8.GetBytes("{}"), Cancel);
            await raw.Channel.BasicPublishAsync(
                RabbitTopology.WorkExchange, "dust", mandatory: true,
                new BasicProperties
                {
                    Type = "Of.A.Newer.Program",
                    Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["owner"] = 5, ["tries"] = "many", ["still-to-wait"] = "long", ["traceparent"] = "nonsense" },
                },
                Encoding.UTF8.GetBytes("{}"), Cancel);
        }

        feed.Append(new Placed("1", "top", "a"));
        await Wait.Until(() => Things(node).Contains("1"), "the work between");
        await Wait.Until(async () => (await node.DeadLetters.List(10, Cancel)).Count == 6, "the letters");
        var letters = await node.DeadLetters.List(10, Cancel);
        Assert.All(letters, letter => Assert.StartsWith("FormatException in ", letter.Error, StringComparison.Ordinal));
        Assert.Contains(letters, letter => letter.Work == "Of.A.Newer.Program");
    }

    [Fact]
    public async Task What_no_worker_comes_to_the_end_of_is_handed_out_so_often_and_no_more()
    {
        var publisher = await Running(consumes: false);
        await publisher.Queue.Enqueue(new WorkItem("dust", new Dust("poison"), null, "event-1"), Cancel);
        var deliveries = 0;
        await using (var raw = await Raw())
        {
            // As the broker sees workers that die of it.
            while (await raw.Channel.BasicGetAsync(RabbitTopology.QueueOf("dust"), autoAck: false, Cancel) is { } got)
            {
                deliveries++;
                await raw.Channel.BasicNackAsync(got.DeliveryTag, multiple: false, requeue: true, Cancel);
            }
        }

        Assert.InRange(deliveries, 1, RabbitTopology.DeliveryLimit + 1);
        var worker = await Running();
        await Wait.Until(async () => (await worker.DeadLetters.List(10, Cancel)).Count == 1, "the letter");
        var letter = (await worker.DeadLetters.List(10, Cancel))[0];
        Assert.Equal(("dust", "event-1"), (letter.Kind, letter.CausationId));

        Assert.True(await worker.DeadLetters.Retry(letter.Id, Cancel));
        await Wait.Until(() => Things(worker).Contains("poison"), "its second life");
        await Wait.Until(async () => (await worker.DeadLetters.List(10, Cancel)).Count == 0, "the letter to go");
    }

    [Fact]
    public async Task Of_two_nodes_one_hands_work_out_and_the_other_follows_it()
    {
        var (first, second) = (await Running(), await Running());
        feed.Append([.. Enumerable.Range(0, 200).Select(i => new Placed($"{i}", "top", "a"))]);
        await Wait.Until(() => Things(first).Concat(Things(second)).Distinct().Count() == 200, "the work");
        Assert.Equal(200, first.Duty.Done.Count + second.Duty.Done.Count);
        Assert.Single(new[] { first, second }, node => node.Get<ITurn>().IsOurs);

        // Cut off from the database, whoever has the turn loses it and somebody takes it.
        await PostgresFixture.AsOwner(
            database,
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())");
        var had = first.Get<ITurn>().IsOurs ? first : second;
        await had.Stop();
        var other = had == first ? second : first;
        feed.Append(new Placed("after", "top", "a"));
        await Wait.Until(() => Things(other).Contains("after"), "the work that the other handed out");
        Assert.True(other.Get<ITurn>().IsOurs);
    }

    [Fact]
    public async Task Work_carries_its_trace_and_an_id_by_which_duplicates_are_known()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        var publisher = await Running(consumes: false);
        foreach (var _ in Enumerable.Range(0, 2))
            await publisher.Queue.Enqueue(new WorkItem("dust", new Dust("1"), trace, "event-1"), Cancel);
        await publisher.Queue.Enqueue(new WorkItem("dust", new Dust("1"), null, null), Cancel);
        await using var raw = await Raw();
        var all = new List<IReadOnlyBasicProperties>();
        while (await raw.Channel.BasicGetAsync(RabbitTopology.QueueOf("dust"), autoAck: true, Cancel) is { } got)
            all.Add(got.BasicProperties);

        Assert.Equal(3, all.Count);
        Assert.Equal(all[0].MessageId, all[1].MessageId);
        Assert.StartsWith("event-1:", all[0].MessageId, StringComparison.Ordinal);
        Assert.NotEqual(all[0].MessageId, all[2].MessageId);
        Assert.True(all[0].Persistent);
        Assert.StartsWith($"00-{trace}-", Encoding.ASCII.GetString((byte[])all[0].Headers!["traceparent"]!), StringComparison.Ordinal);
    }

    private static Task IsSeenAs(Reachability health, string wanted) =>
        Wait.Until(async () => (await health.Look(Cancel))["broker"] == wanted, $"the broker to be seen as {wanted}");

    private static MemoryCheckpoints MemoryCheckpointsAt(long position) => new() { [Relay.Checkpoint] = position };

    private static IReadOnlyList<string> Things(Node node) => [.. node.Duty.Done.Select(done => ((Dust)done.Work).Thing)];

    private async Task<Node> Running(MemoryCheckpoints? its = null, bool consumes = true)
    {
        var node = new Node(feed, its ?? checkpoints, settings: new MessagingSettings
        {
            FirstRetry = TimeSpan.FromMilliseconds(20),
            LongestRetry = TimeSpan.FromMilliseconds(100),
            DeadLettersEvery = TimeSpan.FromMilliseconds(50),
            CheckpointEvery = TimeSpan.FromMilliseconds(20),
            ConfirmWithin = TimeSpan.FromSeconds(10),
        }, messaging: (services, settings) => services.AddRabbitMessaging(url, settings, consumes), database: database);
        nodes.Add(node);
        return await node.Start();
    }

    private async Task<bool> Exists(string queue)
    {
        try
        {
            await using var raw = await Raw();
            await raw.Channel.QueueDeclarePassiveAsync(queue, Cancel);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    private Task<RawChannel> Raw() => RawChannel.Open(url);
}
