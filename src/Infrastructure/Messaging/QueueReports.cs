using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>What a broker holds of one kind of work.</summary>
/// <param name="Ready">Pieces that no worker has taken.</param>
/// <param name="Consumers">Nodes that take them.</param>
internal sealed record BrokerDepth(long Ready, long Consumers);

/// <summary>How a kind of work stands on a node.</summary>
/// <param name="AtBroker">Null without a broker, or when it did not answer.</param>
internal sealed record QueueReport(string Kind, int Waiting, int Running, DateTimeOffset? Oldest, BrokerDepth? AtBroker);

/// <summary>Where nodes tell how their queues stand.</summary>
internal interface IQueueTable
{
    /// <summary>In place of what this node told before.</summary>
    Task Report(IReadOnlyCollection<QueueReport> reports, CancellationToken cancel);
}

/// <summary>Looks at the broker.</summary>
internal interface IBroker
{
    /// <summary>By kind of work.</summary>
    Task<IReadOnlyDictionary<string, BrokerDepth>> Look(CancellationToken cancel);
}

internal sealed class QueueTable(EventPool pool) : IQueueTable
{
    private static readonly string Node = $"{Environment.MachineName}/{Environment.ProcessId}";

    public async Task Report(IReadOnlyCollection<QueueReport> reports, CancellationToken cancel)
    {
        // Nodes that have long been gone are forgotten on the way.
        await using var command = pool.Source.CreateCommand(
            """
            with gone as (
                delete from eventfiles.work_queues
                where reported_at < now() - interval '1 day' or (node = $1 and kind <> all ($2))
            )
            insert into eventfiles.work_queues as q
                (node, kind, waiting, running, oldest, at_broker, consumers, reported_at)
            select $1, r.kind, r.waiting, r.running, r.oldest, r.at_broker, r.consumers, now()
            from unnest($2, $3, $4, $5, $6, $7) as r (kind, waiting, running, oldest, at_broker, consumers)
            on conflict (node, kind) do update
            set waiting = excluded.waiting, running = excluded.running, oldest = excluded.oldest,
                at_broker = excluded.at_broker, consumers = excluded.consumers, reported_at = excluded.reported_at
            """);
        command.Parameters.AddWithValue(Node);
        command.Parameters.AddWithValue(Each(reports, one => one.Kind));
        command.Parameters.AddWithValue(Each(reports, one => one.Waiting));
        command.Parameters.AddWithValue(Each(reports, one => one.Running));
        command.Parameters.AddWithValue(Each(reports, one => one.Oldest));
        command.Parameters.AddWithValue(Each(reports, one => one.AtBroker?.Ready));
        command.Parameters.AddWithValue(Each(reports, one => one.AtBroker?.Consumers));
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static T[] Each<T>(IEnumerable<QueueReport> reports, Func<QueueReport, T> value) => [.. reports.Select(value)];
}

/// <summary>Tells again and again how this node's queues stand.</summary>
internal sealed partial class QueueReports(
    WorkLanes lanes, IQueueTable table, IEnumerable<IBroker> brokers, MessagingMetrics metrics, MessagingSettings settings,
    TimeProvider clock, ILogger<QueueReports> log) : BackgroundService
{
    /// <summary>Looks and tells.</summary>
    public async Task Tell(CancellationToken cancel)
    {
        var depths = await Depths(cancel);
        metrics.Saw(depths);
        var kinds = lanes.All.Keys.Union(depths?.Keys ?? [], StringComparer.Ordinal).ToList();
        if (kinds.Count == 0)
            return;
        await table.Report([.. kinds.Select(kind => Report(kind, lanes.All.GetValueOrDefault(kind), depths))], cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.ReportEvery, clock);
        do
        {
            try
            {
                await Tell(stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                NotTold(log, why);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // What waits here is told even when the broker does not answer.
    private async Task<IReadOnlyDictionary<string, BrokerDepth>?> Depths(CancellationToken cancel)
    {
        try
        {
            return brokers.FirstOrDefault() is { } broker ? await broker.Look(cancel) : null;
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            NotTold(log, why);
            return null;
        }
    }

    private static QueueReport Report(string kind, WorkLane? lane, IReadOnlyDictionary<string, BrokerDepth>? depths) => new(
        kind, lane?.Waiting ?? 0, lane?.Running ?? 0, lane?.Oldest,
        depths is not null && depths.TryGetValue(kind, out var depth) ? depth : null);

    [LoggerMessage(Level = LogLevel.Warning, Message = "How the queues stand could not be told; trying again")]
    private static partial void NotTold(ILogger log, Exception why);
}
