using EventFiles.Infrastructure.Limits;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFiles.Infrastructure.Tests.Limits;

public sealed class SlidingWindowTests(RedisFixture redis)
{
    private static readonly RequestLimit Ten = new(10, TimeSpan.FromMinutes(1));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0, 0.0, true, 10, 0)]
    [InlineData(10, 0, 0.5, false, 0, 30 + 6)] // All of this window: it must end, and a tenth of the next fade.
    [InlineData(0, 10, 0.0, false, 0, 6)]
    [InlineData(0, 10, 0.1, true, 1, 0)]
    [InlineData(5, 10, 0.5, false, 0, 6)]
    [InlineData(9, 10, 0.9, false, 0, 6)]
    [InlineData(3, 4, 0.5, true, 5, 0)]
    public void It_says_how_many_are_left_and_how_long_until_there_is_one(
        long current, long former, double part, bool admits, int left, double waitSeconds)
    {
        var window = new SlidingWindow(current, former, part);
        Assert.Equal(admits, window.Admits(Ten.Most));
        var told = window.Tell(Ten, admits);
        Assert.Equal((left, waitSeconds), (told.Left, Math.Round(told.Wait.TotalSeconds, 3)));
    }

    [Fact]
    public async Task Within_any_minute_no_more_are_taken_than_the_limit_says()
    {
        var clock = new ManualTime();
        var limits = new MemoryLimits(clock);
        var taken = new List<DateTimeOffset>();
        for (var second = 0; second < 600; second++, clock.Advance(TimeSpan.FromSeconds(1)))
        {
            if ((await limits.Take("a", Ten, Cancel)).IsTaken)
                taken.Add(clock.GetUtcNow());
        }

        Assert.InRange(taken.Count, 80, 100);
        Assert.All(taken, from => Assert.InRange(taken.Count(at => at >= from && at < from + Ten.Window), 1, 11));
        Assert.True((await limits.Take("b", Ten, Cancel)).IsTaken);
    }

    [Fact]
    public async Task Whoever_waits_as_long_as_told_is_let_in()
    {
        var clock = new ManualTime();
        var limits = new MemoryLimits(clock);
        for (var request = 0; request < 10; request++)
            Assert.True((await limits.Take("a", Ten, Cancel)).IsTaken);
        var refused = await limits.Take("a", Ten, Cancel);
        Assert.False(refused.IsTaken);
        clock.Advance(refused.Wait - TimeSpan.FromSeconds(1));
        Assert.False((await limits.Take("a", Ten, Cancel)).IsTaken);
        clock.Advance(TimeSpan.FromSeconds(1.001));
        Assert.True((await limits.Take("a", Ten, Cancel)).IsTaken);
    }

    [Fact]
    public async Task A_flood_of_addresses_takes_bounded_memory()
    {
        var limits = new MemoryLimits(new ManualTime(), mostKept: 100);
        for (var address = 0; address < 1000; address++)
            await limits.Take($"address {address}", Ten, Cancel);
        Assert.InRange(limits.Kept, 1, 100);
    }

    [Fact]
    public async Task Nodes_that_share_Redis_count_together_and_it_does_not_tell_whom()
    {
        var prefix = redis.NewPrefix();
        await using var connection = new RedisConnection(redis.Settings, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        RedisLimits Node() => new(connection, new byte[32], prefix, new MemoryLimits(TimeProvider.System), NullLogger<RedisLimits>.Instance);
        var (one, other, hour) = (Node(), Node(), new RequestLimit(64, TimeSpan.FromHours(1)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => (number % 2 == 0 ? one : other).Take("olga@example.org", hour, Cancel).AsTask()));
        Assert.Equal(64, answers.Count(answer => answer.IsTaken));
        Assert.All(answers.Where(answer => !answer.IsTaken), answer => Assert.InRange(answer.Wait, TimeSpan.FromSeconds(1), TimeSpan.FromHours(2)));
        var left = await connection.Run("return redis.call('keys', ARGV[1] .. '*')", [], [prefix], Cancel);
        Assert.DoesNotContain("olga", Assert.Single((string[])left!), StringComparison.Ordinal);
    }
}
