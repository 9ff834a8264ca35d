using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>
/// Writers of every kind that makes numbers visible late, out of order or never: slow, rolled back, prepared for later,
/// forgotten, killed at the server and killed as a client.
/// </summary>
internal sealed class HostileWriters(string connectionString) : IAsyncDisposable
{
    // As the program appends, but in an explicit transaction that may take its time or change its mind.
    private const string Append =
        """
        select eventfiles.append_together(array[now()], array[null], array[null], array[null],
            '{}', '{}', '{}', '{}', array[$1], array[$2::bigint], array['x'], array[1], '{}',
            array_fill(1, array[$2]), array(select gen_random_uuid() from generate_series(1, $2)),
            array_fill($1::varchar, array[$2]), array_fill('x'::varchar, array[$2]),
            array(select n::bigint from generate_series(1, $2) n), array_fill('notes.written.v1'::varchar, array[$2]),
            array_fill('{"text":""}'::jsonb, array[$2]), '{}', '{}', '{}', '{}', '{}', '{}', '{}')
        """;

    private readonly NpgsqlDataSource safe = NpgsqlDataSource.Create(connectionString);
    private readonly NpgsqlDataSource killable = NpgsqlDataSource.Create(connectionString + ";Application Name=killable");
    private readonly NpgsqlDataSource forgetful = NpgsqlDataSource.Create(
        connectionString + ";Pooling=false;Options=-c idle_in_transaction_session_timeout=1500ms");

    // The server has room for 64.
    private readonly SemaphoreSlim preparing = new(32);
    private readonly ConcurrentDictionary<string, int> fates = new(StringComparer.Ordinal);
    private int appended;

    /// <summary>How many transactions ended in which way.</summary>
    public IReadOnlyDictionary<string, int> Fates => fates;

    /// <summary>Writes with so many writers at once, until so many events are committed, every fate has been met, and it is enough.</summary>
    public async Task Write(int writers, int events, Func<bool> isEnough, CancellationToken cancel)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] others = [Kill(done.Token), KillClients(done.Token), BeSlow(done.Token), Forget(cancel)];
        await Task.WhenAll(Enumerable.Range(0, writers).Select(number => Task.Run(async () =>
        {
            var random = new Random(number);
            for (var run = 0; Volatile.Read(ref appended) < events || fates.Count < 8 || !isEnough(); run++)
                await One($"note-{number}-{run}", random, cancel);
        }, cancel)));
        await done.CancelAsync();
        await Task.WhenAll(others);
        await RollBackLeftovers(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await killable.DisposeAsync();
        await forgetful.DisposeAsync();
        await safe.DisposeAsync();
        preparing.Dispose();
    }

    private async Task One(string stream, Random random, CancellationToken cancel)
    {
        var count = random.Next(1, 120);
        try
        {
            await using var connection = await killable.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await Into(connection, stream, count, cancel);
            if (random.Next(3) == 0)
                await Task.Delay(random.Next(20), cancel);
            switch (random.Next(24))
            {
                case < 3:
                    await transaction.RollbackAsync(cancel);
                    Ended("rolled back");
                    break;
                case 3 when await preparing.WaitAsync(0, cancel):
                    await Prepare(connection, stream, count, random, cancel);
                    break;
                default:
                    await transaction.CommitAsync(cancel);
                    Ended("committed", count);
                    break;
            }
        }
        catch (NpgsqlException)
        {
            Ended("killed at the server"); // If it was in the middle of its commit, the table knows.
        }
    }

    // The session goes on with other things; somebody else ends the transaction, often later than any that is only slow.
    private async Task Prepare(NpgsqlConnection connection, string stream, int count, Random random, CancellationToken cancel)
    {
        try
        {
            await using var prepare = new NpgsqlCommand($"prepare transaction '{stream}'", connection);
            await prepare.ExecuteNonQueryAsync(cancel);
        }
        catch (NpgsqlException)
        {
            // Who was killed in the middle of it may have prepared: nobody would end that, and readers would wait for ever.
            await RollBackPrepared($"gid = '{stream}'", cancel);
            preparing.Release();
            throw;
        }

        var (isCommit, after) = (random.Next(3) > 0, random.Next(1000));
        _ = Task.Run(async () =>
        {
            await Task.Delay(after, cancel);
            await using var end = safe.CreateCommand($"{(isCommit ? "commit" : "rollback")} prepared '{stream}'");
            await end.ExecuteNonQueryAsync(cancel);
            Ended(isCommit ? "prepared and committed" : "prepared and rolled back", isCommit ? count : 0);
            preparing.Release();
        }, cancel);
    }

    // All end theirs, in this loop or before it.
    private async Task RollBackLeftovers(CancellationToken cancel)
    {
        for (var ended = 0; ended < 32; ended++)
            await preparing.WaitAsync(cancel);
        await RollBackPrepared("true", cancel);
    }

    private async Task RollBackPrepared(string which, CancellationToken cancel)
    {
        await using var left = safe.CreateCommand(
            $"select coalesce(array_agg(gid), '{{}}') from pg_prepared_xacts where database = current_database() and {which}");
        foreach (var gid in (string[])(await left.ExecuteScalarAsync(cancel))!)
        {
            await using var end = safe.CreateCommand($"rollback prepared '{gid}'");
            await end.ExecuteNonQueryAsync(cancel);
        }
    }

    private async Task Kill(CancellationToken stop)
    {
        while (await Pause(100, stop))
        {
            await using var kill = safe.CreateCommand(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where application_name = 'killable' and datname = current_database() order by random() limit 1
                """);
            await kill.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    // A process of its own that dies by SIGKILL with its transaction open.
    private async Task KillClients(CancellationToken stop)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        for (var run = 0; await Pause(100, stop); run++)
        {
            using var client = Process.Start(new ProcessStartInfo(
                "psql", ["-X", "-q", "-h", server.Host!, "-U", server.Username!, "-d", server.Database!])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            var append = Append.Replace("$1", $"'note-client-{run}'::varchar", StringComparison.Ordinal).Replace("$2", "10", StringComparison.Ordinal);
            await client.StandardInput.WriteLineAsync($"begin;\n{append};\n\\echo drawn");
            await client.StandardInput.FlushAsync(CancellationToken.None);
            while (await client.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line && line != "drawn")
            {
            }

            client.Kill();
            await client.WaitForExitAsync(CancellationToken.None);
            Ended("killed as a client");
        }
    }

    private async Task BeSlow(CancellationToken stop)
    {
        for (var run = 0; await Pause(200, stop); run++)
        {
            await using var connection = await safe.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await Into(connection, $"note-slow-{run}", 5, CancellationToken.None);
            await Pause(300, stop);
            await transaction.CommitAsync(CancellationToken.None);
            Ended("slow", 5);
        }
    }

    // Sits in its transaction until the server has enough of it.
    private async Task Forget(CancellationToken cancel)
    {
        await using var connection = await forgetful.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Into(connection, "note-forgotten", 5, cancel);
        await using var sees = safe.CreateCommand("select exists (select from pg_stat_activity where pid = $1)");
        sees.Parameters.Add(new() { Value = connection.ProcessID });
        while ((bool)(await sees.ExecuteScalarAsync(cancel))!)
            await Task.Delay(50, cancel);
        Ended("ended for sitting idle");
    }

    private void Ended(string how, int events = 0)
    {
        Interlocked.Add(ref appended, events);
        fates.AddOrUpdate(how, 1, (_, before) => before + 1);
    }

    private static async Task Into(NpgsqlConnection connection, string stream, int count, CancellationToken cancel)
    {
        await using var append = new NpgsqlCommand(Append, connection);
        append.Parameters.Add(new() { Value = stream, NpgsqlDbType = NpgsqlDbType.Varchar });
        append.Parameters.Add(new() { Value = count });
        await append.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<bool> Pause(int milliseconds, CancellationToken stop)
    {
        await Task.Delay(milliseconds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }
}
