using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.Infrastructure.Tries;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.Tests.Tries;

public sealed class RedisTriesTests : TriesContract, IAsyncDisposable
{
    private readonly RedisConnection connection;
    private readonly string prefix;
    private readonly Logged log = new();
    private readonly LoggerFactory loggers;

    public RedisTriesTests(RedisFixture redis)
    {
        prefix = redis.NewPrefix();
        loggers = new LoggerFactory([log]);
        connection = new RedisConnection(redis.Settings, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        Tries = Node();
    }

    private protected override ITries Tries { get; }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        loggers.Dispose();
        // It was Redis that counted.
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task Nodes_count_together_whatever_each_remembers()
    {
        var other = Node();
        await Use(1, Of("a", 2));
        Assert.Null(await other.Take("group", [Of("a", 2)], Cancel));
        await MustWait(Window, Of("a", 2));
        Assert.NotNull(await other.Take("group", [Of("a", 2)], Cancel));

        await other.GiveBack("group", "a");
        await Use(1, Of("a", 2));
        await other.Forget("group", "a");
        await Use(2, Of("a", 2));
    }

    [Fact]
    public async Task What_no_longer_counts_is_gone_although_nobody_comes_back()
    {
        var soon = new TryLimit("a", 1, TimeSpan.FromSeconds(1));
        Assert.Null(await Tries.Take("group", [soon, Of("b", 1)], Cancel));

        await Wait.Until(async () => (await Left()).Length == 1, "the end of the short one");
        Assert.InRange(TimeSpan.FromMilliseconds((await Left())[0]), Window - Slack, Window);
        Assert.Null(await Tries.Take("group", [soon], Cancel));
    }

    [Fact]
    public async Task However_often_it_is_tried_no_more_is_kept_than_counts()
    {
        for (var day = 0; day < 5; day++)
        {
            await Use(3, Of("a", 3));
            await MustWait(Window, Of("a", 3));
            // Redis would drop the whole key by then: its end is put off.
            await Age(Window, keep: true);
        }

        await Use(1, Of("a", 3));
        Assert.Equal(1, (int)await connection.Run(
            "return redis.call('zcard', redis.call('keys', ARGV[1] .. ':*')[1])", [], [prefix], Cancel));
    }

    [Fact]
    public async Task What_was_spoilt_goes()
    {
        await Use(1, Of("a", 1));
        await connection.Run(
            "for _, key in ipairs(redis.call('keys', ARGV[1] .. ':*')) do redis.call('set', key, 'x') end return 1",
            [], [prefix], Cancel);

        await Use(1, Of("a", 1));
        await MustWait(Window, Of("a", 1));
    }

    private protected override Task Pass(TimeSpan time) => Age(time, keep: false);

    private RedisTries Node() => new(
        connection, "a secret of nodes"u8.ToArray(), prefix, new MemoryTries(TimeProvider.System), loggers.CreateLogger<RedisTries>());

    // Redis' clock cannot be moved: what it holds becomes older instead.
    private Task<RedisResult> Age(TimeSpan time, bool keep) => connection.Run(
        """
        for _, key in ipairs(redis.call('keys', ARGV[1] .. ':*')) do
            for _, try in ipairs(redis.call('zrange', key, 0, -1)) do
                redis.call('zincrby', key, string.format('%.0f', -1000 * ARGV[2]), try)
            end
            local left = redis.call('pttl', key) - ARGV[2]
            if ARGV[3] == '0' then redis.call('pexpire', key, string.format('%.0f', left)) end
        end
        return 1
        """,
        [], [prefix, (long)time.TotalMilliseconds + 1, keep ? 1 : 0], Cancel);

    // Of each key for how many ms it will be kept.
    private async Task<long[]> Left() => (long[])(await connection.Run(
        """
        local left = {}
        for i, key in ipairs(redis.call('keys', ARGV[1] .. ':*')) do left[i] = redis.call('pttl', key) end
        return left
        """,
        [], [prefix], Cancel))!;
}
