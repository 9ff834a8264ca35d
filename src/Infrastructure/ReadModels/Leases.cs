using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Which node may write which projection's views.</summary>
internal interface ILeases
{
    /// <summary>What this node holds now.</summary>
    IReadOnlySet<string> Held { get; }

    /// <summary>Holds what it can get of the names, until cancelled; then gives all back, so that nobody waits for them.</summary>
    Task Run(IReadOnlyCollection<string> wanted, CancellationToken cancel);
}

/// <summary>For views that nobody else sees: this node holds all.</summary>
internal sealed class OwnLeases(Slices slices) : ILeases
{
    public IReadOnlySet<string> Held { get; } =
        slices.All.SelectMany(slice => slice.Projections).Select(shown => shown.Name).ToHashSet(StringComparer.Ordinal);

    public Task Run(IReadOnlyCollection<string> wanted, CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);
}

/// <summary>
/// For views that nodes share: locks that PostgreSQL holds for as long as one connection of this node lives. A killed
/// process loses its connection at once, a lost machine within seconds by keepalive. A process that was stopped keeps
/// it: so every node is heard on it each second, and one that is not for <see cref="LongestSilence"/> has its connection
/// ended by whoever waits for its locks. Whoever has lost one without knowing meets the position guard.
/// </summary>
internal sealed partial class SharedLeases(EventPool pool, ILogger<SharedLeases> log) : ILeases
{
    // Any number nobody else locks under.
    private const string LockClass = "17735";

    private const string Take =
        $"select name from unnest($1) as wanted (name) where pg_try_advisory_lock({LockClass}, hashtext(name))";

    // Nodes have one role, so each sees when the others' connections were used last, and may end them.
    private const string EndSilent =
        $"""
        select pg_terminate_backend(a.pid)
        from (select distinct pid from pg_locks where locktype = 'advisory' and classid = {LockClass} and objsubid = 2 and granted) l
        join pg_stat_activity a on a.pid = l.pid
        where a.datname = current_database() and a.pid <> pg_backend_pid() and clock_timestamp() - a.state_change > $1
        """;

    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(100);

    private volatile HashSet<string> held = new(StringComparer.Ordinal);

    /// <summary>A node is heard and asks so often.</summary>
    public static TimeSpan BetweenLooks { get; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that is not heard for so long has lost its leases.</summary>
    public static TimeSpan LongestSilence { get; } = TimeSpan.FromSeconds(3);

    public IReadOnlySet<string> Held => held;

    public async Task Run(IReadOnlyCollection<string> wanted, CancellationToken cancel)
    {
        NpgsqlConnection? connection = null;
        try
        {
            while (true)
            {
                var pause = BetweenLooks;
                try
                {
                    connection ??= await pool.OpenAside(cancel);
                    if (await Look(connection, wanted, cancel))
                        pause = Brief;
                }
                catch (Exception why) when (!cancel.IsCancellationRequested)
                {
                    Lost(log, why);
                    held = new(StringComparer.Ordinal);
                    if (connection is not null)
                        await connection.DisposeAsync();
                    connection = null;
                }

                await Task.Delay(pause, cancel);
            }
        }
        finally
        {
            held = new(StringComparer.Ordinal);
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    // True when something may be had that a moment ago could not.
    private async Task<bool> Look(NpgsqlConnection connection, IReadOnlyCollection<string> wanted, CancellationToken cancel)
    {
        // With nothing left to ask for it still says that this node lives.
        await using var command = Command(Take, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Except(held, StringComparer.Ordinal)] });
        var now = new HashSet<string>(held, StringComparer.Ordinal);
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                now.Add(rows.GetString(0));
                Taken(log, rows.GetString(0));
            }
        }

        held = now;
        if (now.Count == wanted.Count)
            return false;
        await using var end = Command(EndSilent, connection);
        end.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = LongestSilence });
        if (await end.ExecuteScalarAsync(cancel) is not true)
            return false;
        Ended(log, LongestSilence.TotalSeconds);
        return true;
    }

    private static NpgsqlCommand Command(string text, NpgsqlConnection connection) => new(text, connection) { CommandTimeout = 2 };

    [LoggerMessage(Level = LogLevel.Information, Message = "This node keeps {Projection} now")]
    private static partial void Taken(ILogger log, string projection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A node that held projections was not heard for {Seconds:F0} s; its leases were ended")]
    private static partial void Ended(ILogger log, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that holds this node's leases is lost, and they with it")]
    private static partial void Lost(ILogger log, Exception why);
}
