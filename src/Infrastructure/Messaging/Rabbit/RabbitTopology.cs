using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>
/// The broker's exchanges and queues. All are durable, and every queue is a quorum queue: it outlives the loss of a
/// broker's minority and loses nothing that was confirmed.
/// </summary>
/// <remarks>
/// <c>eventfiles.work</c> leads to one queue for each kind of work. <c>eventfiles.wait</c> leads to queues that nobody
/// reads: each message stays there for its own time and then goes on to <c>eventfiles.work</c>. What was handed out
/// <see cref="DeliveryLimit"/> times and never came to its end goes to <c>eventfiles.dead</c>.
/// </remarks>
internal sealed class RabbitTopology : IDisposable
{
    public const string WorkExchange = "eventfiles.work";
    public const string WaitExchange = "eventfiles.wait";
    public const string Dead = "eventfiles.dead";

    /// <summary>
    /// How often a piece is handed out whose worker dies or loses its connection, before it counts as what kills workers.
    /// An argument of a queue can never be changed, so this is no setting. Older brokers have no limit of their own.
    /// </summary>
    public const int DeliveryLimit = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly List<long> waits = [];
    private readonly SemaphoreSlim one = new(1);

    public RabbitTopology(WorkFormat format, MessagingSettings settings)
    {
        Kinds = format.Kinds.ToHashSet(StringComparer.Ordinal);
        var longest = (settings.LongestRetry > Longest ? settings.LongestRetry : Longest).TotalMilliseconds;
        for (var wait = Math.Max(1, (long)settings.FirstRetry.TotalMilliseconds); wait < longest; wait *= 2)
            waits.Add(wait);
    }

    /// <summary>Kinds of work; none has a dot in its name.</summary>
    public IReadOnlySet<string> Kinds { get; }

    /// <summary>Queues in which work waits for its time.</summary>
    public IEnumerable<string> WaitQueues => waits.Select(WaitQueue);

    public static string QueueOf(string kind) => $"{WorkExchange}.{kind}";

    /// <summary>The kind of work that travels by this routing key, whether or not it has waited.</summary>
    public static string KindOf(string routingKey) => routingKey[(routingKey.LastIndexOf('.') + 1)..];

    /// <summary>
    /// Where a message waits: among others whose time is between one and two times the queue's own. The broker looks at
    /// the head of a queue alone, so none waits longer than that for those before it. What is further off comes back and
    /// waits again.
    /// </summary>
    public (string RoutingKey, TimeSpan Wait) WaitFor(string kind, TimeSpan wait)
    {
        var queue = waits.FindLast(one => one <= wait.TotalMilliseconds) is var found and > 0 ? found : waits[0];
        var atMost = TimeSpan.FromMilliseconds(2 * queue);
        return ($"{queue}.{kind}", wait < atMost ? wait : atMost);
    }

    /// <summary>
    /// Makes what is missing; one channel after the other. Who finds a quorum queue that another is just making uses it
    /// before it has a leader, and what is sent to it then, a message or a consumer's wish, may never be heard.
    /// </summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.OperationInterruptedException">A queue is there and was made otherwise.</exception>
    public async Task Declare(IChannel channel, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            await DeclareAll(channel, cancel);
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task DeclareAll(IChannel channel, CancellationToken cancel)
    {
        await channel.ExchangeDeclareAsync(WorkExchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancel);
        await channel.ExchangeDeclareAsync(WaitExchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancel);
        await channel.ExchangeDeclareAsync(Dead, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancel);
        await Declare(channel, Dead, Dead, "", [], cancel);
        foreach (var kind in Kinds)
        {
            Dictionary<string, object?> arguments = new(GoesOnTo(Dead), StringComparer.Ordinal) { ["x-delivery-limit"] = DeliveryLimit };
            await Declare(channel, QueueOf(kind), WorkExchange, kind, arguments, cancel);
            await channel.QueueBindAsync(QueueOf(kind), WorkExchange, $"*.{kind}", cancellationToken: cancel);
        }

        foreach (var wait in waits)
            await Declare(channel, WaitQueue(wait), WaitExchange, $"{wait}.*", GoesOnTo(WorkExchange), cancel);
    }

    // At least once: the broker keeps a message until the next queue has it. That needs the overflow to be refused, which
    // never happens, for no queue has a limit: the log holds all of it anyway.
    private static Dictionary<string, object?> GoesOnTo(string exchange) => new(StringComparer.Ordinal)
    {
        ["x-dead-letter-exchange"] = exchange,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    private static string WaitQueue(long wait) => FormattableString.Invariant($"{WaitExchange}.{wait}");

    private static async Task Declare(
        IChannel channel, string queue, string exchange, string routingKey, Dictionary<string, object?> arguments,
        CancellationToken cancel)
    {
        arguments["x-queue-type"] = "quorum";
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancel);
        await channel.QueueBindAsync(queue, exchange, routingKey, cancellationToken: cancel);
    }
}
