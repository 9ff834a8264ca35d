using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Which node may write which projection's views.</summary>
internal interface ILeases
{
    /// <summary>Those of the names that this node holds now. Others may come later: ask again.</summary>
    Task<IReadOnlySet<string>> Hold(IReadOnlyCollection<string> wanted, CancellationToken cancel);

    /// <summary>Gives all back: the next node need not wait until this process has ended.</summary>
    Task Release();
}

/// <summary>For views that nobody else sees: this node holds all.</summary>
internal sealed class OwnLeases : ILeases
{
    public Task<IReadOnlySet<string>> Hold(IReadOnlyCollection<string> wanted, CancellationToken cancel) =>
        Task.FromResult<IReadOnlySet<string>>(wanted.ToHashSet(StringComparer.Ordinal));

    public Task Release() => Task.CompletedTask;
}

/// <summary>
/// For views that nodes share: locks that PostgreSQL holds for as long as one connection of
/// this node lives. A killed process loses its connection at once, a lost machine within seconds by keepalive; another
/// node that asks each second then gets the lock. Whoever has lost one without knowing meets the position guard.
/// </summary>
internal sealed partial class SharedLeases(EventPool pool, ILogger<SharedLeases> log) : ILeases, IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(900);

    private const string Take =
        $"select name from unnest($1) as wanted (name) where pg_try_advisory_lock({LockClass}, hashtext(name))";

    // Any number nobody else locks under.
    private const string LockClass = "17735";

    private readonly HashSet<string> held = new(StringComparer.Ordinal);
    private NpgsqlConnection? connection;
    private long lookedAt;

    public async Task<IReadOnlySet<string>> Hold(IReadOnlyCollection<string> wanted, CancellationToken cancel)
    {
        if (connection is not null && Stopwatch.GetElapsedTime(lookedAt) < BetweenLooks)
            return held;
        lookedAt = Stopwatch.GetTimestamp();
        try
        {
            connection ??= await pool.OpenAside(cancel);
            // With nothing left to ask for it still says that the connection lives.
            await using var command = new NpgsqlCommand(Take, connection) { CommandTimeout = 2 };
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Except(held, StringComparer.Ordinal)] });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                held.Add(rows.GetString(0));
                Taken(log, rows.GetString(0));
            }
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            Lost(log, why);
            await Release();
        }

        return held;
    }

    public async ValueTask DisposeAsync() => await Release();

    public async Task Release()
    {
        held.Clear();
        if (connection is { } gone)
        {
            connection = null;
            await gone.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node keeps {Projection} now")]
    private static partial void Taken(ILogger log, string projection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that holds this node's leases is lost, and they with it")]
    private static partial void Lost(ILogger log, Exception why);
}
