using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Clocks;

/// <summary>Looks at the database's clock every few seconds, and says when the machine's departs from it: once, and once when it is over.</summary>
public sealed partial class ClockWatch(NpgsqlDataSource database, NodeTime time, ILogger<ClockWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    // A look that takes longer says little about when the database said it; the first one is better than none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private bool isTold;

    /// <summary>Looks once before anything else of the node runs.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Look(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            await Look(stoppingToken);
        }
    }

    // While the database is away the machine goes on counting.
    private async Task Look(CancellationToken cancel)
    {
        try
        {
            // A connection that was closed meanwhile is opened first: only the question itself is measured.
            await using var connection = await database.OpenConnectionAsync(cancel);
            await using var asks = new NpgsqlCommand("select clock_timestamp()", connection);
            var asked = time.GetTimestamp();
            var said = (DateTime)(await asks.ExecuteScalarAsync(cancel))!;
            var answered = time.GetTimestamp();
            if (!time.IsSet || time.GetElapsedTime(asked, answered) <= Patience)
                time.Saw(new DateTimeOffset(said), asked, answered);
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            NotSeen(log, why);
        }

        var trouble = time.Trouble;
        if (trouble is not null && !isTold)
            Departs(log, trouble);
        else if (trouble is null && isTold)
            Agrees(log);
        isTold = trouble is not null;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The database's clock could not be looked at; trying again")]
    private static partial void NotSeen(ILogger log, Exception why);

    [LoggerMessage(Level = LogLevel.Error, Message = "This machine's clock is {Trouble}: the database's counts until somebody sets it")]
    private static partial void Departs(ILogger log, string trouble);

    [LoggerMessage(Level = LogLevel.Information, Message = "This machine's clock agrees with the database's again")]
    private static partial void Agrees(ILogger log);
}

/// <summary>Puts a node's time into the container.</summary>
public static class ClockServices
{
    /// <summary>
    /// Adds the time that everything in the node goes by. Added before anything that runs; needs a data source in the container.
    /// </summary>
    public static IServiceCollection AddNodeTime(this IServiceCollection services)
    {
        var time = new NodeTime(TimeProvider.System);
        return services.AddSingleton(time).AddSingleton<TimeProvider>(time).AddHostedService<ClockWatch>();
    }
}
