using System.Diagnostics;
using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests;

/// <summary>
/// A private PostgreSQL cluster from the installed binaries, in a directory of its own and reachable through a socket in
/// it only; gone at the end. It never waits for the disk: what is tested here survives no power cut.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    /// <summary>The role that the program runs as.</summary>
    public const string Application = "eventfiles_app";

    private const string Owner = "postgres";
    private const string Template = "eventfiles_template";

    private readonly string directory = Path.Combine(Path.GetTempPath(), "ef-pg-" + Path.GetRandomFileName());
    private readonly string binaries = NewestBinaries();
    private Process? server;
    private int databases;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(directory);
        if (Environment.IsPrivilegedProcess)
            await Run("chown", "postgres", directory);
        await RunAsPostgres(
            "initdb", "-D", Cluster, "-U", Owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
        await Start();
        await Execute("postgres", $"create role {Application} login");
        await Execute("postgres", $"create database {Template}");
        await using var template = NpgsqlDataSource.Create(ConnectionString(Template, Owner) + ";Pooling=false");
        await EventStoreSchema.Migrate(template, Application, CancellationToken.None);
    }

    /// <summary>A new database.</summary>
    /// <param name="isMigrated">With the event store's schema, or empty.</param>
    /// <returns>The connection string of the role that the program runs as: what it may not do, no test does by chance.</returns>
    public async Task<string> CreateDatabase(bool isMigrated = true)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await Execute("postgres", isMigrated ? $"create database {name} template {Template} strategy file_copy" : $"create database {name}");
        return ConnectionString(name, Application);
    }

    /// <summary>The same database as the owner, who may do everything; without a pool.</summary>
    public static string AsOwner(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = Owner, Pooling = false }.ConnectionString;

    /// <summary>Does what the program may not do.</summary>
    public static async Task AsOwner(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(AsOwner(connectionString));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Ends the server as a crash does, and starts it again: what no commit has written down is lost. For a test with a
    /// cluster of its own.
    /// </summary>
    /// <param name="meanwhile">While it is away.</param>
    public async Task Crash(Func<Task>? meanwhile = null)
    {
        await Stop();
        if (meanwhile is not null)
            await meanwhile();
        await Start();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await Stop();
        Directory.Delete(directory, recursive: true);
    }

    private string Cluster => Path.Combine(directory, "cluster");

    private string ConnectionString(string database, string role) =>
        $"Host={directory};Username={role};Database={database};Maximum Pool Size=80;Include Error Detail=true";

    // The log's writer sleeps long: only a commit that waits for it brings anything to the disk. Among a thousand databases a
    // vacuum would begin ten times a second.
    private Task Start()
    {
        server = StartAsPostgres(
            "postgres", "-D", Cluster, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off",
            "-c", "synchronous_commit=off", "-c", "wal_writer_delay=10s", "-c", "full_page_writes=off",
            "-c", "autovacuum=off", "-c", "max_connections=400", "-c", "max_prepared_transactions=64", "-c", "shared_buffers=128MB",
            "-c", "log_min_messages=fatal");
        return UntilReady();
    }

    private async Task Stop()
    {
        if (server is null)
            return;
        await RunAsPostgres("pg_ctl", "-D", Cluster, "-m", "immediate", "stop");
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    private async Task UntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await Execute("postgres", "select 1");
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3) && !server!.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    private async Task Execute(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString(database, Owner) + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private Task RunAsPostgres(string program, params string[] arguments)
    {
        var (name, all) = AsPostgres(program, arguments);
        return Run(name, all);
    }

    private Process StartAsPostgres(string program, params string[] arguments)
    {
        var (name, all) = AsPostgres(program, arguments);
        return Start(name, all);
    }

    // The server refuses to run as root.
    private (string Name, string[] Arguments) AsPostgres(string program, string[] arguments)
    {
        var path = Path.Combine(binaries, program);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : (path, arguments);
    }

    private static async Task Run(string name, params string[] arguments)
    {
        using var process = Start(name, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static Process Start(string name, params string[] arguments)
    {
        // A working directory that the server's user may enter; its words are nobody's business here.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", name, .. arguments])
        {
            WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
    }

    private static string NewestBinaries()
    {
        const string versions = "/usr/lib/postgresql";
        var newest = Directory.Exists(versions)
            ? Directory.GetDirectories(versions).MaxBy(version => int.Parse(Path.GetFileName(version), CultureInfo.InvariantCulture))
            : null;
        return newest is null
            ? throw new InvalidOperationException($"No PostgreSQL is installed under {versions}.")
            : Path.Combine(newest, "bin");
    }
}
