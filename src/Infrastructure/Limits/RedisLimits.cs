using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.Limits;

/// <summary>
/// Counts in Redis, for all nodes together, by Redis' own clock. While it is away each node counts for itself: nobody is
/// kept out because it is.
/// </summary>
/// <param name="secret">Makes names: nobody learns from Redis who was counted.</param>
/// <param name="prefix">What all keys begin with.</param>
/// <param name="meanwhile">Counts while Redis is away.</param>
internal sealed partial class RedisLimits(
    RedisConnection redis, byte[] secret, string prefix, MemoryLimits meanwhile, ILogger<RedisLimits> log) : IRequestLimits
{
    /// <summary>
    /// KEYS: one. ARGV: the window in µs, and how many. Gives whether it was taken, both counts after it, and how much of the
    /// window is over in millionths. What is no count was spoilt, and goes.
    /// </summary>
    private const string Script =
        """
        local time = redis.call('time')
        local now = time[1] * 1000000 + time[2]
        local window, most = tonumber(ARGV[1]), tonumber(ARGV[2])
        local index, part = math.floor(now / window), (now % window) / window
        local kind = redis.call('type', KEYS[1]).ok
        if kind ~= 'hash' and kind ~= 'none' then redis.call('unlink', KEYS[1]) end
        local kept = redis.call('hmget', KEYS[1], 'i', 'c', 'f')
        local was, current, former = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
        if index == was + 1 then former, current = current, 0 elseif index > was then former, current = 0, 0 end
        local taken = 0
        if former * (1 - part) + current + 1 <= most then
            taken, current = 1, current + 1
            redis.call('hset', KEYS[1], 'i', string.format('%.0f', math.max(index, was)), 'c', current, 'f', former)
            redis.call('pexpire', KEYS[1], string.format('%.0f', math.ceil(2 * window / 1000)))
        end
        return {taken, current, former, math.floor(part * 1000000)}
        """;

    // 128 bits: no two are the same by chance.
    private const int NameBytes = 16;

    private int isAway;

    public async ValueTask<LimitLeft> Take(string who, RequestLimit limit, CancellationToken cancel)
    {
        try
        {
            var said = (long[])(await redis.Run(
                Script, [Name(who)], [(long)limit.Window.TotalMicroseconds, limit.Most], cancel))!;
            if (Volatile.Read(ref isAway) == 1 && Interlocked.Exchange(ref isAway, 0) == 1)
                CountsTogether(log);
            return new SlidingWindow(said[1], said[2], said[3] / 1e6).Tell(limit, said[0] == 1);
        }
        catch (TransientException away)
        {
            if (Interlocked.Exchange(ref isAway, 1) == 0)
                CountsAlone(log, away.Message);
            return await meanwhile.Take(who, limit, cancel);
        }
    }

    private RedisKey Name(string who) =>
        $"{prefix}:limits:{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(who)).AsSpan(0, NameBytes))}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests are counted by this node alone: {Why}")]
    private static partial void CountsAlone(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Requests are counted in Redis again")]
    private static partial void CountsTogether(ILogger log);
}
