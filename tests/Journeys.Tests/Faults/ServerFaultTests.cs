using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using StackExchange.Redis;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>
/// What befalls the servers, one fault a row, each under load, and after each the auditor. No node of ours is started again.
/// </summary>
[Collection(ServerFaults.Name)]
public sealed class ServerFaultTests(FragileServers nodes)
{
    private static readonly int Seeds = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 5 : 1;

    // How long what befalls a server lasts. Where one can see that it is felt, that comes first.
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(Seeds == 1 ? 4 : 30);

    // Each at another moment of what nodes do.
    private static readonly int Cuts = Seeds == 1 ? 10 : 100;

    private static readonly string? Only = Environment.GetEnvironmentVariable("ONLY_FAULT");

    private static readonly Dictionary<string, Func<FragileServers, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["PostgreSQL recovers from a crash"] = on => ServerProcess.Of(on, "postgres").KillChild(),
        ["PostgreSQL is frozen"] = on => ServerProcess.Of(on, "postgres").Freeze(Away),
        ["PostgreSQL ends every connection"] = on => Sql(on, "select pg_terminate_backend(pid) from pg_stat_activity where usename like '%app'"),
        ["PostgreSQL has no connection left"] = TakeConnections,
        ["PostgreSQL commits and says nothing of it"] = CutCommits,
        ["PostgreSQL's disk is full"] = on => ServerProcess.Of(on, "postgres").AgainWhenGone(() => SmallDisk.Fill(on.DatabaseDisk, () => WritesFail(on))),
        ["Redis is emptied"] = on => Redis(on, redis => redis.ExecuteAsync("FLUSHALL")),
        ["Redis is killed"] = on => ServerProcess.Of(on, "redis").KillAndStart(Away),
        ["Redis is frozen"] = on => ServerProcess.Of(on, "redis").Freeze(Away),
        ["Redis is out of memory"] = RunOutOfMemory,
        ["Redis has keys of the wrong kind"] = SpoilKeys,
        ["RabbitMQ is frozen"] = on => ServerProcess.Of(on, "rabbitmq").Freeze(Away),
        ["RabbitMQ is killed"] = on => ServerProcess.Of(on, "rabbitmq").KillAndStart(Seeds == 1 ? TimeSpan.Zero : Away),
        ["RabbitMQ's disk is full"] = on => Limit(on, "set_disk_free_limit", "100000GB", "100MB"),
        ["RabbitMQ's memory is full"] = on => Limit(on, "set_vm_memory_high_watermark absolute", "1MB", "512MB"),
        ["RabbitMQ closes every connection"] = on => Broker(on, HttpMethod.Delete, "connections"),
        ["RabbitMQ loses its queues"] = on => Broker(on, HttpMethod.Delete, "queues"),
        ["S3 is killed"] = on => ServerProcess.Of(on, "s3-client.rgw.a").KillAndStart(Away),
        ["A node's disk is full"] = on => SmallDisk.Fill(on.NodeDisk, () => Told(on, "No space left on device", 1)),
        ["Clocks say an hour less and a day more"] = on => SetClocks(on, "-1h", "+1d"),
        ["Clocks say a day more and an hour less"] = on => SetClocks(on, "+1d", "-1h"),
        ["S3 is frozen"] = on => ServerProcess.Of(on, "s3-client.rgw.a").Freeze(Away),
    };

    // What takes half a minute and more, and whose like is among the others.
    private static readonly string[] Slow = ["RabbitMQ is killed", "RabbitMQ's memory is full", "Clocks say a day more and an hour less"];

    /// <summary>All of them, with other data each time; what is slow in the long form alone.</summary>
    public static TheoryData<string, int> Rows()
    {
        var rows = new TheoryData<string, int>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            foreach (var fault in Faults.Keys.Where(one => Only is null ? Seeds > 1 || !Slow.Contains(one) : one.Contains(Only)))
                rows.Add(fault, seed);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Befallen_by_it_nothing_is_lost_doubled_or_left_behind(string fault, int seed)
    {
        Assert.SkipUnless(
            FragileServers.HasDisks || fault is not ("PostgreSQL's disk is full" or "A node's disk is full"), "Only root can make a disk to fill.");
        using var person = await nodes.Register($"Olga{seed}");
        var client = new Client(person, new Random(seed));
        var deaths = nodes.Deaths;

        try
        {
            var work = client.Work(nodes.Administrator);
            await Task.WhenAny(work, client.Begun);
            await Task.WhenAll(work, Faults[fault](nodes));
            await new Auditor(nodes).Check(client);
            Assert.Equal(deaths, nodes.Deaths);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine(nodes.Log);
            throw;
        }
    }

    private static async Task Sql(ArmedNodes on, string sql)
    {
        await using var database = NpgsqlDataSource.Create(on.Database);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    // Until nodes have said so that many times from now on.
    private static Task Told(ArmedNodes on, string words, int times)
    {
        int Count() => on.Log.Split(words).Length - 1;
        var wanted = Count() + times;
        return Drill.Until(() => Task.FromResult(Count() >= wanted));
    }

    // A write of anybody's is refused, or there is nobody any more who could.
    private static async Task WritesFail(ArmedNodes on)
    {
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Sql(on, "create table public.filler as select repeat('x', 1000) from generate_series(1, 100000)"));
        await Task.Delay(Away);
    }

    // Each commit waits for a replica that is not there; then its connection is ended. It has happened, and who asked for it is
    // not told.
    private static async Task CutCommits(FragileServers on)
    {
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(on.Database) { Options = "-c synchronous_commit=local" });
        var cut = 0L;
        await Ask("alter system set synchronous_standby_names = 'nobody'");
        await Ask("select pg_reload_conf()");
        await Drill.Until(async () =>
            (cut += (long)(await Ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'"))!) >= Cuts);
        await Ask("alter system reset synchronous_standby_names");
        await Ask("select pg_reload_conf()");

        async Task<object?> Ask(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }
    }

    private static async Task TakeConnections(ArmedNodes on)
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            // The owner is a superuser, and those have some kept for them: all but these are gone.
            await Sql(on, "select pg_terminate_backend(pid) from pg_stat_activity where usename like '%app' and state = 'idle'");
            for (var n = 0; n < 190; n++)
            {
                var connection = new NpgsqlConnection(on.Database + ";Pooling=false");
                await connection.OpenAsync();
                taken.Add(connection);
            }
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
        }

        await Task.Delay(Away);
        foreach (var connection in taken)
            await connection.DisposeAsync();
    }

    private static async Task Redis(ArmedNodes on, Func<IDatabase, Task> act)
    {
        var url = new Uri(on.Settings["REDIS_URL"]);
        using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port } },
            Password = url.UserInfo.TrimStart(':'),
            AllowAdmin = true,
        });
        await act(redis.GetDatabase());
    }

    private static Task RunOutOfMemory(ArmedNodes on) => Redis(on, async redis =>
    {
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await Task.Delay(Away);
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
    });

    private static Task SpoilKeys(ArmedNodes on) => Redis(on, async redis =>
    {
        foreach (var key in (RedisResult[])(await redis.ExecuteAsync("KEYS", "eventfiles:*files*"))!)
            await redis.ExecuteAsync("SET", key.ToString(), "nonsense");
    });

    private static async Task SetClocks(FragileServers on, string api, string worker)
    {
        var isTold = Told(on, """
            "Message":"This machine\u0027s clock is
            """, 2);
        on.SetClock("api", api);
        on.SetClock("worker", worker);
        await isTold;
        on.SetClock("api", "+0");
        on.SetClock("worker", "+0");
    }

    // It takes nothing more from anybody until there is more of what it lacks.
    private static async Task Limit(ArmedNodes on, string what, string spoilt, string usual)
    {
        await Tool(on, [.. what.Split(' '), spoilt]);
        using var http = Management(on);
        await Drill.Until(async () => (await (await http.GetAsync("api/nodes")).Json()).EnumerateArray()
            .Any(node => node.GetProperty("disk_free_alarm").GetBoolean() || node.GetProperty("mem_alarm").GetBoolean()));
        await Task.Delay(Away);
        await Tool(on, [.. what.Split(' '), usual]);
    }

    private static async Task Tool(ArmedNodes on, string[] arguments)
    {
        var program = Path.Combine(on.Settings["EVENTFILES_SERVERS_DIR"], "rabbitmq", "ctl");
        using var tool = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, said);
    }

    private static HttpClient Management(ArmedNodes on)
    {
        var url = new Uri(on.Settings["RABBITMQ_MANAGEMENT_URL"]);
        return new HttpClient
        {
            BaseAddress = new Uri($"http://{url.Authority}"),
            DefaultRequestHeaders =
            {
                Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo)))),
            },
        };
    }

    // By RabbitMQ's own interface, as its operator would.
    private static async Task Broker(ArmedNodes on, HttpMethod method, string what)
    {
        using var http = Management(on);
        foreach (var one in (await (await http.GetAsync($"api/{what}")).Json()).EnumerateArray())
        {
            var name = Uri.EscapeDataString(one.GetProperty("name").GetString()!);
            var path = what == "queues" ? $"{Uri.EscapeDataString(one.GetProperty("vhost").GetString()!)}/{name}" : name;
            using var request = new HttpRequestMessage(method, $"api/{what}/{path}");
            await http.SendAsync(request);
        }
    }
}
