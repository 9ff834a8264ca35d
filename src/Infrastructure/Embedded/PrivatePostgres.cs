using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace EventFiles.Infrastructure.Embedded;

/// <summary>
/// A PostgreSQL cluster of our own under the data folder, made and started from the installed binaries. It lives as long
/// as this process: when we end, however we end, the shell that watches over it stops it cleanly.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>The name of the database and of its owner, who may do everything.</summary>
    public const string Name = "eventfiles";

    /// <summary>Whom the server runs as; may do what <see cref="EventStore.EventStoreSchema.Migrate"/> lets it.</summary>
    public const string ApplicationRole = "eventfiles_app";

    private const int MostStarts = 5;

    // Waits for its input to end, which the kernel sees to even after SIGKILL, and then asks the postmaster to stop.
    private const string Watch =
        """
        "$@" & server=$!
        (read -r _; kill -INT $server) <&3 & watcher=$!
        wait $server; code=$?
        kill $watcher 2>/dev/null
        exit $code
        """;

    private readonly Process watcher;

    private PrivatePostgres(Process watcher, NpgsqlConnectionStringBuilder owner)
    {
        this.watcher = watcher;
        ConnectionString = owner.ConnectionString;
        Application = new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = ApplicationRole, ApplicationName = Name }.ConnectionString;
    }

    /// <summary>As the owner, for Npgsql.</summary>
    public string ConnectionString { get; }

    /// <summary>As <see cref="ApplicationRole"/>, for Npgsql.</summary>
    public string Application { get; }

    /// <summary>Makes the cluster if need be and starts it.</summary>
    /// <param name="folder">The cluster's folder; its owner becomes the ordinary account that runs it.</param>
    /// <exception cref="EmbeddedException">PostgreSQL is not installed, or does not start; with what it said.</exception>
    public static async Task<PrivatePostgres> Start(string folder, CancellationToken cancel)
    {
        var binaries = Binaries() ?? throw new EmbeddedException(
            "PostgreSQL is not installed. On Debian: apt-get install postgresql");
        Directory.CreateDirectory(folder);
        await OrdinaryAccount.Own(folder);
        var cluster = Path.Combine(folder, "cluster");
        if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
            await Create(folder, cluster, binaries);
        await StopLeftover(folder, cluster, binaries);

        var sockets = await SocketFolder(folder);
        var (watch, port) = await Launch(folder, cluster, binaries, sockets, cancel);
        var connection = ConnectionTo(sockets, port);
        await EnsureDatabase(connection, cancel);
        await EnsureApplicationRole(folder, connection, cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "url"), Address(folder, ApplicationRole, port), cancel);
        return new PrivatePostgres(watch, connection);
    }

    /// <summary>The connection URL of the cluster that runs on a folder, as the server uses it; null when none runs.</summary>
    public static string? RunningUrl(string folder) =>
        File.Exists(Path.Combine(folder, "cluster", "postmaster.pid")) && File.Exists(Path.Combine(folder, "url"))
            ? File.ReadAllText(Path.Combine(folder, "url"))
            : null;

    /// <summary>The same as the owner, who may do everything.</summary>
    public static string? RunningOwnerUrl(string folder) =>
        RunningUrl(folder) is not null && RememberedPort(folder) is { } port ? Address(folder, Name, port) : null;

    /// <summary>Stops the cluster and waits until it has written everything.</summary>
    public async ValueTask DisposeAsync()
    {
        watcher.StandardInput.Close();
        await watcher.WaitForExitAsync();
        watcher.Dispose();
    }

    private static string? Binaries() =>
        new[] { Environment.GetEnvironmentVariable("POSTGRES_BIN") ?? "" }
            .Concat(Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetDirectories("/usr/lib/postgresql")
                    .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var major) ? major : 0)
                    .Select(path => Path.Combine(path, "bin"))
                : [])
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")));

    private static async Task Create(string folder, string cluster, string binaries)
    {
        // A first start that was cut off leaves half a cluster; it holds nothing yet.
        if (Directory.Exists(cluster))
            Directory.Delete(cluster, recursive: true);
        var secret = await NewPassword(folder, Name);
        await OrdinaryAccount.Own(secret);
        var made = await OrdinaryAccount.Finish(OrdinaryAccount.Starting(
            Path.Combine(binaries, "initdb"),
            ["-D", cluster, "-U", Name, "--auth-local=trust", "--auth-host=scram-sha-256", $"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"],
            folder));
        if (made.ExitCode != 0)
            throw new EmbeddedException($"The database cluster could not be made in {cluster}: {made.Output.Trim()}");
    }

    // A server that was killed together with its watcher leaves a postmaster behind. The data folder's lock is ours, so
    // nobody else uses it.
    private static async Task StopLeftover(string folder, string cluster, string binaries)
    {
        if (File.Exists(Path.Combine(cluster, "postmaster.pid")))
        {
            await OrdinaryAccount.Finish(OrdinaryAccount.Starting(
                Path.Combine(binaries, "pg_ctl"), ["-D", cluster, "-m", "fast", "-w", "-t", "60", "stop"], folder));
        }
    }

    // Between our look for a free port and the postmaster's, somebody else may take it: then another one.
    private static async Task<(Process Watch, int Port)> Launch(
        string folder, string cluster, string binaries, string sockets, CancellationToken cancel)
    {
        for (var start = 1; ; start++)
        {
            var port = FreePort(RememberedPort(folder));
            var watch = Launch(folder, cluster, binaries, port, sockets);
            if (await IsUp(watch, ConnectionTo(sockets, port), cancel))
                return (watch, port);
            var code = watch.ExitCode;
            watch.Dispose();
            if (start == MostStarts)
                throw new EmbeddedException($"The database stopped while starting (exit code {code}); see the file log beside its cluster.");
        }
    }

    private static Process Launch(string folder, string cluster, string binaries, int port, string sockets)
    {
        var settings = new[]
        {
            "listen_addresses=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            $"unix_socket_directories={sockets}",
            "unix_socket_permissions=0700",
            "shared_buffers=128MB",
            "max_connections=100",
            "max_wal_size=2GB",
            "jit=off",
            "logging_collector=off",
            "log_min_messages=warning",
        };
        var start = OrdinaryAccount.Starting(
            "/bin/sh",
            ["-c", "exec 3<&0 </dev/null >>\"$0\" 2>&1\n" + Watch, Path.Combine(folder, "log"), Path.Combine(binaries, "postgres"), "-D", cluster,
                .. settings.SelectMany(setting => new[] { "-c", setting })],
            folder);
        return Process.Start(start) ?? throw new EmbeddedException("The database cannot be started.");
    }

    // False when it has ended.
    private static async Task<bool> IsUp(Process watch, NpgsqlConnectionStringBuilder connection, CancellationToken cancel)
    {
        var admin = new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Database = "postgres", Pooling = false };
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var probe = new NpgsqlConnection(admin.ConnectionString);
                await probe.OpenAsync(cancel);
                return true;
            }
            catch (Exception failure) when (failure is NpgsqlException or SocketException)
            {
                if (watch.HasExited)
                    return false;
                if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(60))
                    throw new EmbeddedException($"The database did not start within a minute: {failure.Message}");
                await Task.Delay(20, cancel);
            }
        }
    }

    private static async Task EnsureDatabase(NpgsqlConnectionStringBuilder connection, CancellationToken cancel)
    {
        var admin = new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Database = "postgres", Pooling = false };
        await using var open = new NpgsqlConnection(admin.ConnectionString);
        await open.OpenAsync(cancel);
        await using var asks = new NpgsqlCommand("select 1 from pg_database where datname = 'eventfiles'", open);
        if (await asks.ExecuteScalarAsync(cancel) is not null)
            return;
        await using var makes = new NpgsqlCommand("create database eventfiles", open);
        await makes.ExecuteNonQueryAsync(cancel);
    }

    // The password is for connections over the loopback address only.
    private static async Task EnsureApplicationRole(string folder, NpgsqlConnectionStringBuilder connection, CancellationToken cancel)
    {
        if (!File.Exists(PasswordFile(folder, ApplicationRole)))
            await NewPassword(folder, ApplicationRole);
        var password = await File.ReadAllTextAsync(PasswordFile(folder, ApplicationRole), cancel);
        await using var open = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false }.ConnectionString);
        await open.OpenAsync(cancel);
        await using var makes = new NpgsqlCommand(
            $"""
            do $$ begin
                create role {ApplicationRole};
            exception when duplicate_object then null;
            end $$;
            alter role {ApplicationRole} login password '{password}'
            """,
            open);
        await makes.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<string> NewPassword(string folder, string role)
    {
        var file = PasswordFile(folder, role);
        await File.WriteAllTextAsync(file, RandomNumberGenerator.GetHexString(40, lowercase: true));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static string PasswordFile(string folder, string role) => Path.Combine(folder, role == Name ? "password" : $"password-{role}");

    private static NpgsqlConnectionStringBuilder ConnectionTo(string sockets, int port) => new()
    {
        Host = sockets,
        Port = port,
        Username = Name,
        Database = Name,
        MaxPoolSize = 60,
        NoResetOnClose = true,
        MaxAutoPrepare = 50,
        AutoPrepareMinUsages = 2,
    };

    private static string Address(string folder, string role, int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"postgresql://{role}:{File.ReadAllText(PasswordFile(folder, role)).Trim()}@127.0.0.1:{port}/{Name}");

    private static int? RememberedPort(string folder) =>
        File.Exists(Path.Combine(folder, "url")) && Uri.TryCreate(File.ReadAllText(Path.Combine(folder, "url")), UriKind.Absolute, out var url)
            ? url.Port
            : null;

    private static int FreePort(int? wanted)
    {
        foreach (var port in new[] { wanted ?? 0, 0 })
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                continue;
            }
        }

        throw new EmbeddedException("There is no free port on the loopback address.");
    }

    // A socket's path has at most 107 bytes; a deep data folder gets a short folder of its own, closed to others.
    private static async Task<string> SocketFolder(string folder)
    {
        if (folder.Length <= 80)
            return folder;
        var name = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(folder)))[..16];
        var sockets = Path.Combine(Path.GetTempPath(), $"eventfiles-{name}");
        Directory.CreateDirectory(sockets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await OrdinaryAccount.Own(sockets);
        return sockets;
    }
}
