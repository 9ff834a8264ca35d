using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Which of several nodes hands work out. Two at once would lose nothing, for the checkpoint moves by compare-and-set and
/// work may come twice; but all of it would come twice.
/// </summary>
internal interface ITurn
{
    /// <summary>Whether this node has it now.</summary>
    bool IsOurs { get; }

    /// <summary>Completes when this node has it, with a token that is cancelled when it has lost it.</summary>
    Task<CancellationToken> Ours(CancellationToken cancel);
}

/// <summary>Nobody else is there.</summary>
internal sealed class OnlyNode : ITurn
{
    public bool IsOurs => true;

    public Task<CancellationToken> Ours(CancellationToken cancel) => Task.FromResult(CancellationToken.None);
}

/// <summary>
/// Whoever holds a lock of a session in PostgreSQL has it. It ends with the session, so that a node that is killed or cut
/// off is followed by another as soon as the database knows.
/// </summary>
internal sealed partial class SharedTurn(EventPool pool, TimeProvider clock, ILogger<SharedTurn> log) : BackgroundService, ITurn
{
    // Any number nobody else locks.
    private const long Key = 0x4556454E5452454C;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private TaskCompletionSource<CancellationToken> ours = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOurs
    {
        get
        {
            lock (gate)
                return ours.Task.IsCompletedSuccessfully;
        }
    }

    public Task<CancellationToken> Ours(CancellationToken cancel)
    {
        lock (gate)
            return ours.Task.WaitAsync(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                await using var session = await pool.OpenAside(stoppingToken);
                while (!await IsLocked(session, stoppingToken))
                {
                    failures = 0;
                    await Task.Delay(Look, clock, stoppingToken);
                }

                failures = 0;
                await Hold(session, stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Lost(log, why, ++failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, stoppingToken);
            }
        }
    }

    private async Task Hold(NpgsqlConnection session, CancellationToken stop)
    {
        using var holding = new CancellationTokenSource();
        lock (gate)
            ours.SetResult(holding.Token);
        Taken(log);
        try
        {
            while (true)
            {
                await Task.Delay(Pulse, clock, stop);
                await using var command = new NpgsqlCommand("select 1", session) { CommandTimeout = (int)Pulse.TotalSeconds };
                await command.ExecuteScalarAsync(stop);
            }
        }
        finally
        {
            lock (gate)
                ours = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await holding.CancelAsync();
        }
    }

    private static async Task<bool> IsLocked(NpgsqlConnection session, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Key})", session);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node hands work out now")]
    private static partial void Taken(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The turn to hand work out is lost or out of reach (failure {Failures}); trying again")]
    private static partial void Lost(ILogger log, Exception why, int failures);
}
