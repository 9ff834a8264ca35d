using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Says on the database that a node runs, and which, for as long as its session lives. A node that keeps something to
/// itself (views in memory, a queue of its own, objects in a folder) must be the only one; nodes that share everything
/// bear company.
/// </summary>
public sealed partial class Presence : BackgroundService
{
    // Any number nobody else locks.
    internal const long Key = 0x45564E4F444553;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly string settings;
    private readonly NodeId self;
    private readonly bool isAlone;
    private readonly IHostApplicationLifetime life;
    private readonly ILogger<Presence> log;
    private NpgsqlConnection? session;

    /// <summary>Takes no place yet.</summary>
    /// <param name="connectionString">Of the application's role.</param>
    /// <param name="isAlone">Whether this node keeps something to itself.</param>
    public Presence(
        string connectionString, bool isAlone, Role role, NodeId self, IHostApplicationLifetime life, ILogger<Presence> log)
    {
        settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 5,
            ApplicationName = RunningNodes.NameOf(self, role),
            // A machine that vanishes is noticed within seconds.
            Options = "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
        }.ConnectionString;
        (this.isAlone, this.self, this.life, this.log) = (isAlone, self, life, log);
    }

    /// <summary>Whether any node runs on the database now.</summary>
    public static Task<bool> IsAnybodyOn(NpgsqlDataSource database, CancellationToken cancel) => IsHeld(database, Key, cancel);

    /// <summary>Whether any session on the database holds a lock.</summary>
    internal static async Task<bool> IsHeld(NpgsqlDataSource database, long key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand(
            """
            select exists (
                select from pg_locks
                where locktype = 'advisory' and granted and objsubid = 1 and ((classid::bigint << 32) | objid::bigint) = $1
                  and database = (select oid from pg_database where datname = current_database()))
            """);
        asks.Parameters.AddWithValue(key);
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Takes the place, before anything else of the node runs.</summary>
    /// <exception cref="TakenException">Another node does not allow it, and did not end within ten seconds.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The session of a node that was killed just now lives on for a moment.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await Take(cancellationToken))
        {
            if (patience.IsCancellationRequested)
                throw new TakenException(isAlone);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        session?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pace, stoppingToken);
            try
            {
                if (await IsHeld(stoppingToken) || await Take(stoppingToken))
                    continue;
                // The database was away, and another node was faster when it came back.
                Ousted(log);
                life.StopApplication();
                return;
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException)
            {
                // Nobody else reaches it either.
            }
        }
    }

    private async Task<bool> IsHeld(CancellationToken cancel)
    {
        if (session is null)
            return false;
        try
        {
            await using var asks = new NpgsqlCommand("select 1", session);
            await asks.ExecuteScalarAsync(cancel);
            return true;
        }
        catch (Exception gone) when (gone is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            await session.DisposeAsync();
            session = null;
            return false;
        }
    }

    private async Task<bool> Take(CancellationToken cancel)
    {
        var opened = new NpgsqlConnection(settings);
        try
        {
            await opened.OpenAsync(cancel);
            await using var asks = new NpgsqlCommand(
                $"select case when pg_try_advisory_lock{(isAlone ? "" : "_shared")}($1) then pg_try_advisory_lock_shared($2) else false end",
                opened);
            asks.Parameters.AddWithValue(Key);
            asks.Parameters.AddWithValue(self.Lock);
            if (await asks.ExecuteScalarAsync(cancel) is not true)
                return false;
            (session, opened) = (opened, null);
            return true;
        }
        finally
        {
            if (opened is not null)
                await opened.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Another node has taken the database while it was away: this one stops")]
    private static partial void Ousted(ILogger log);
}

/// <summary>Another node runs on the database, and one of the two keeps something to itself.</summary>
public sealed class TakenException(bool isAlone) : SchemaException(isAlone
    ? "Another node runs on this database, and this one would keep its views, its work or its objects to itself. " +
      "Stop the other one, or let them share: REDIS_URL, RABBITMQ_URL and S3_ENDPOINT."
    : "A node runs on this database that keeps its views, its work or its objects to itself. Stop it first.");
