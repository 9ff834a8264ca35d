using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels.Redis;
using Npgsql;
using StackExchange.Redis;

namespace EventFiles.Bench;

/// <summary>
/// The ground on which all compete: a fresh folder, a database cluster like the product's own, the limit program and the
/// product, each started when it is first needed. Files are removed only at the end: mass deletion slows the file system
/// for minutes.
/// </summary>
internal sealed class Arena(string folder, string hostDll) : IAsyncDisposable
{
    private const long LeastFreeBytes = 12L << 30;
    private const long BudgetBytes = 8L << 30;

    private readonly long freeAtStart = new DriveInfo(folder).AvailableFreeSpace;
    private PrivatePostgres? postgres;
    private Process? redis;
    private string? redisUrl;
    private Launched? limit;
    private Launched? product;
    private Launched? plain;
    private Launched? sharing;
    private readonly List<Launched> peers = [];

    public string Folder => folder;

    public string HostDll => hostDll;

    public string ProductData => Path.Combine(folder, "product");

    /// <summary>The process of that Redis.</summary>
    public int RedisId => redis!.Id;

    /// <summary>The root process of the cluster that serves limits.</summary>
    public int PostgresId { get; private set; }

    public static async Task<Arena> Open(string root, string hostDll)
    {
        var folder = Path.Combine(Path.GetFullPath(root), string.Create(CultureInfo.InvariantCulture, $"run-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        var arena = new Arena(folder, hostDll);
        if (arena.freeAtStart < LeastFreeBytes)
            throw new BenchException($"{LeastFreeBytes >> 30} GiB must be free in {root}; there are {arena.freeAtStart >> 30}.");
        await Spread(folder);
        return arena;
    }

    /// <summary>A new folder of its own, away from the others' on the disk where the file system can do that.</summary>
    public async Task<string> NewFolder(string name)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(path);
        await Spread(path);
        return path;
    }

    /// <summary>Stops before the disk is full or more is written than was promised.</summary>
    public void CheckBudget()
    {
        if (freeAtStart - new DriveInfo(folder).AvailableFreeSpace > BudgetBytes)
            throw new BenchException($"More than {BudgetBytes >> 30} GiB were written; what is left is not measured.");
    }

    public async Task<string> Postgres(CancellationToken cancel)
    {
        if (postgres is null)
        {
            var cluster = Path.Combine(folder, "postgres");
            postgres = await PrivatePostgres.Start(cluster, cancel);
            var lines = await File.ReadAllLinesAsync(Path.Combine(cluster, "cluster", "postmaster.pid"), cancel);
            PostgresId = int.Parse(lines[0], CultureInfo.InvariantCulture);
            await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
            await using var command = database.CreateCommand(
                "create table commits (seq bigserial primary key, id uuid not null, sha256 text not null, size bigint not null)");
            await command.ExecuteNonQueryAsync(cancel);
        }

        return postgres.ConnectionString;
    }

    /// <summary>A database of its own in that cluster, with the product's tables.</summary>
    /// <returns>The owner's connection string.</returns>
    public async Task<string> NewDatabase(string name, CancellationToken cancel)
    {
        var cluster = await Postgres(cancel);
        await using (var database = NpgsqlDataSource.Create(cluster))
        await using (var command = database.CreateCommand($"create database {name}"))
            await command.ExecuteNonQueryAsync(cancel);
        var connection = new NpgsqlConnectionStringBuilder(cluster) { Database = name }.ConnectionString;
        await using var made = NpgsqlDataSource.Create(connection);
        await EventStoreSchema.Migrate(made, null, cancel);
        return connection;
    }

    /// <summary>A Redis without a disk, alone on a free port, for as long as the arena stands.</summary>
    /// <returns>Its URL.</returns>
    public async Task<string> Redis(CancellationToken cancel)
    {
        if (redisUrl is not null)
            return redisUrl;
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        free.Stop();
        var password = Guid.NewGuid().ToString("n");
        redis = Process.Start(new ProcessStartInfo(
            "redis-server",
            ["--port", port, "--bind", "127.0.0.1", "--requirepass", password, "--save", "", "--appendonly", "no", "--dir", await NewFolder("redis")])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        while (await redis.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                return redisUrl = $"redis://:{password}@127.0.0.1:{port}";
        }

        throw new BenchException("Redis did not start.");
    }

    public async Task<Launched> Limit(CancellationToken cancel) =>
        limit ??= await Launched.Start(
            "dotnet", typeof(Arena).Assembly.Location, "limit", await Postgres(cancel), await NewFolder("limit"));

    public async Task<Launched> Product(CancellationToken cancel)
    {
        if (product is null)
        {
            cancel.ThrowIfCancellationRequested();
            await NewFolder("product");
            product = await Launched.Start("dotnet", hostDll, "serve", "--urls", "http://127.0.0.1:0", "--data", ProductData);
        }

        return product;
    }

    /// <summary>The product once more, which encrypts nothing.</summary>
    public async Task<Launched> PlainProduct(CancellationToken cancel)
    {
        if (plain is null)
        {
            cancel.ThrowIfCancellationRequested();
            plain = await Launched.Start(
                "env", "ENCRYPTION=off", "dotnet", hostDll, "serve", "--urls", "http://127.0.0.1:0", "--data", await NewFolder("plain"));
        }

        return plain;
    }

    /// <summary>Another way to that Redis than the product's.</summary>
    public async Task<ConnectionMultiplexer> BareRedis(CancellationToken cancel)
    {
        var options = RedisAddress.Parse(await Redis(cancel)).ToOptions();
        // It tells how much memory it uses to nobody else.
        options.AllowAdmin = true;
        var made = await ConnectionMultiplexer.ConnectAsync(options);
        made.PreserveAsyncOrder = false;
        return made;
    }

    /// <summary>The product once more, whose views are in <see cref="Redis"/>, as nodes share them.</summary>
    public async Task<Launched> ProductInRedis(CancellationToken cancel)
    {
        if (sharing is null)
        {
            var redisAt = await Redis(cancel);
            var database = new NpgsqlConnectionStringBuilder(await NewDatabase("sharing", cancel));
            // The cluster's owner is let in by a file where there is a socket; a URL needs the password itself.
            var password = (await File.ReadAllTextAsync(Path.Combine(folder, "postgres", "password"), cancel)).Trim();
            var url = string.Create(
                CultureInfo.InvariantCulture, $"postgresql://{database.Username}:{password}@127.0.0.1:{database.Port}/{database.Database}");
            sharing = await Launched.Start(
                // One that shares its database asks for secrets that all nodes have.
                "env", $"REDIS_URL={redisAt}", $"DATABASE_URL={url}", $"JWT_SECRET={Secret()}", $"ENCRYPTION_KEY={Secret()}",
                "dotnet", hostDll, "serve", "--urls", "http://127.0.0.1:0", "--data", await NewFolder("sharing"));
        }

        return sharing;
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>A program of others, which ends with the arena.</summary>
    public async Task<Launched> Another(params string[] command)
    {
        var peer = await Launched.Start(command);
        peers.Add(peer);
        return peer;
    }

    /// <summary>How many events of a type the product's log holds.</summary>
    public async Task<long> EventsOf(string type, CancellationToken cancel)
    {
        var url = new Uri(PrivatePostgres.RunningUrl(DataFolder.PostgresIn(ProductData))!);
        var user = url.UserInfo.Split(':', 2);
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = user[0],
            Password = Uri.UnescapeDataString(user[1]),
            Database = url.AbsolutePath.Trim('/'),
        });
        await using var command = database.CreateCommand("select count(*) from mt_events where type = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = type });
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (Launched?[])[product, plain, sharing, limit, .. peers])
        {
            if (server is not null)
                await server.DisposeAsync();
        }

        if (redis is not null)
        {
            redis.Kill();
            await redis.WaitForExitAsync();
            redis.Dispose();
        }

        if (postgres is not null)
            await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    // ext4 and its kin put the folders below such a one far from each other; others do not know the word.
    private static async Task Spread(string path)
    {
        try
        {
            using var chattr = Process.Start(new ProcessStartInfo("chattr", ["+T", path]) { RedirectStandardError = true, UseShellExecute = false })!;
            await chattr.WaitForExitAsync();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is a kindness, not a condition.
        }
    }
}
