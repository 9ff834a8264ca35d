using System.Globalization;
using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.Infrastructure.Tries;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFiles.Infrastructure.Tests.Tries;

/// <summary>A Redis of one's own, to which something happens, or of which one wants to see everything.</summary>
public sealed class RedisTriesFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TryLimit[] Both = [new("canary@example.org", 2, Window), new("any", 3, Window)];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ef-redis-");
    private readonly Logged log = new();
    private readonly List<RedisConnection> connections = [];
    private readonly LoggerFactory loggers;
    private RedisServer redis = null!;

    public RedisTriesFaultTests() => loggers = new LoggerFactory([log]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int WentAlone => log.Lines.Count(line => line.Text.Contains("by this node alone", StringComparison.Ordinal));

    private int CameBack => log.Lines.Count(line => line.Text.Contains("in Redis again", StringComparison.Ordinal));

    public async ValueTask InitializeAsync() => redis = await RedisServer.Start(folder.FullName);

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections)
            await connection.DisposeAsync();
        await redis.DisposeAsync();
        loggers.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Nothing_in_Redis_tells_whose_tries_were_counted()
    {
        var node = Node(TimeSpan.FromMinutes(1));
        Assert.Null(await node.Take("canary from 192.0.2.77", Both, Cancel));

        var names = (await redis.Do("KEYS", "*")).Split('\n');
        Assert.Equal(2, names.Length);
        foreach (var name in names)
        {
            var said = name + await redis.Do("ZRANGE", name, "0", "-1", "WITHSCORES") + await redis.Do("DUMP", name);
            foreach (var canary in new[] { "canary", "192.0.2.77", "example.org" })
                Assert.DoesNotContain(canary, said, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("^test:tries:\\{[A-Za-z0-9_-]{22}\\}:[A-Za-z0-9_-]{22}$", name);
        }

        // Nor can who guesses an address find out whether the guess was right, without the secret.
        Assert.Null(await Node(TimeSpan.FromMinutes(1), "another").Take("canary from 192.0.2.77", Both, Cancel));
        Assert.Equal(4, (await redis.Do("KEYS", "*")).Split('\n').SelectMany(name => name.Split(':')[^1..]).ToHashSet(StringComparer.Ordinal).Count);
        Assert.Equal(0, WentAlone);
    }

    [Fact]
    public async Task While_Redis_is_gone_each_node_counts_for_itself_and_says_so_once()
    {
        var (one, other) = (Node(TimeSpan.FromMinutes(1)), Node(TimeSpan.FromMinutes(1)));
        Assert.Null(await one.Take("group", Both, Cancel));
        Assert.Null(await other.Take("group", Both, Cancel));
        Assert.NotNull(await one.Take("group", Both, Cancel));

        await redis.Kill();
        foreach (var node in new[] { one, other })
        {
            for (var guess = 0; guess < 2; guess++)
                Assert.Null(await node.Take("group", Both, Cancel));
            Assert.InRange((await node.Take("group", Both, Cancel))!.Value, TimeSpan.Zero, Window);
            await node.GiveBack("group", "any", Both[0].Key);
            Assert.Null(await node.Take("group", Both, Cancel));
            Assert.NotNull(await node.Take("group", Both, Cancel));
            await node.Forget("group", Both[0].Key);
            Assert.Null(await node.Take("group", Both, Cancel));
            Assert.NotNull(await node.Take("group", Both, Cancel));
        }

        Assert.Equal((2, 0), (WentAlone, CameBack));

        // It has forgotten everything: who gets a try again gets it there.
        await redis.Restart();
        await Wait.Until(async () => await one.Take("group", Both, Cancel) is null, "a try in Redis");
        await Wait.Until(async () => await other.Take("group", Both, Cancel) is null, "a try in Redis");
        Assert.NotNull(await one.Take("group", Both, Cancel));
        Assert.NotNull(await other.Take("group", Both, Cancel));
        Assert.InRange(CameBack, 2, int.MaxValue);
    }

    [Fact]
    public async Task While_Redis_is_silent_everybody_gets_an_answer()
    {
        var node = Node(TimeSpan.FromMilliseconds(500));
        await redis.Freeze();
        // The first wait for it, and those after them do not: a thousand would take minutes.
        for (var address = 0; address < 1000; address++)
            Assert.Null(await Wait.For(node.Take(address.ToString(CultureInfo.InvariantCulture), Both, Cancel)));
        Assert.Equal((1, 0), (WentAlone, CameBack));

        await redis.Thaw();
        await Wait.Until(
            async () => await node.Take("group", Both, Cancel) is not null && CameBack > 0, "tries that are counted in Redis");
    }

    [Fact]
    public async Task Out_of_memory_Redis_takes_no_part_of_it_and_the_node_counts_for_itself()
    {
        var node = Node(TimeSpan.FromMinutes(1));
        await redis.Do("CONFIG", "SET", "maxmemory", "1");
        for (var guess = 0; guess < 2; guess++)
            Assert.Null(await node.Take("group", Both, Cancel));
        Assert.NotNull(await node.Take("group", Both, Cancel));
        Assert.Equal(1, WentAlone);

        await redis.Do("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal("0", await redis.Do("DBSIZE"));
        Assert.Null(await node.Take("group", Both, Cancel));
        Assert.Equal(1, CameBack);
    }

    [Fact]
    public async Task A_cluster_refuses_none_of_it_because_all_of_a_group_is_in_one_slot()
    {
        var own = folder.CreateSubdirectory("cluster");
        await using var server = await RedisServer.Start(own.FullName, "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
        Assert.Equal("OK", await server.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383"));
        await Wait.Until(async () => (await server.Do("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "a cluster");
        var node = Node(TimeSpan.FromMinutes(1), url: server.Url);

        for (var address = 0; address < 20; address++)
        {
            var from = address.ToString(CultureInfo.InvariantCulture);
            Assert.Null(await node.Take(from, Both, Cancel));
            await node.GiveBack(from, "any", Both[0].Key);
            Assert.Null(await node.Take(from, Both, Cancel));
            await node.Forget(from, Both[0].Key);
        }

        Assert.Equal(0, WentAlone);
        // They do not all fall to one.
        Assert.Equal(20, (await server.Do("KEYS", "*")).Split('\n').Select(name => name.Split('{', '}')[1]).Distinct(StringComparer.Ordinal).Count());
    }

    private RedisTries Node(TimeSpan longestCall, string secret = "a secret of nodes", string? url = null)
    {
        var connection = new RedisConnection(
            new RedisSettings(RedisAddress.Parse(url ?? redis.Url), longestCall), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        connections.Add(connection);
        return new RedisTries(
            connection, System.Text.Encoding.UTF8.GetBytes(secret), "test", new MemoryTries(TimeProvider.System), loggers.CreateLogger<RedisTries>());
    }
}
