using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.Tries;

/// <summary>
/// Counts in Redis, for all nodes that share it and a secret. While Redis is away each node counts for itself: a guesser
/// then has the tries of as many limits as there are nodes, and nobody is kept from signing in.
/// </summary>
/// <param name="secret">Makes names of addresses: neither a network nor an e-mail address is to be had from Redis.</param>
/// <param name="prefix">What all keys begin with.</param>
/// <param name="meanwhile">Counts while Redis is away.</param>
internal sealed partial class RedisTries(
    RedisConnection redis, byte[] secret, string prefix, MemoryTries meanwhile, ILogger<RedisTries> log) : ITries
{
    // 128 bits: no two are the same by chance.
    private const int NameBytes = 16;

    private int isAway;

    public async Task<TimeSpan?> Take(string group, IReadOnlyList<TryLimit> limits, CancellationToken cancel)
    {
        RedisValue[] arguments =
        [
            Guid.NewGuid().ToByteArray(),
            .. limits.SelectMany(limit => new RedisValue[] { limit.Most, (long)limit.Window.TotalMicroseconds }),
        ];
        var answer = await Ask(TriesScripts.Take, group, limits.Select(limit => limit.Key), arguments, cancel);
        if (answer is null)
            return await meanwhile.Take(group, limits, cancel);
        return (long)answer is > 0 and var microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
    }

    public async Task GiveBack(string group, params IReadOnlyList<string> keys)
    {
        if (await Ask(TriesScripts.GiveBack, group, keys, [], CancellationToken.None) is null)
            await meanwhile.GiveBack(group, keys);
    }

    public async Task Forget(string group, string key)
    {
        await meanwhile.Forget(group, key);
        await Ask(TriesScripts.Forget, group, [key], [], CancellationToken.None);
    }

    // Null when Redis is away.
    private async Task<RedisResult?> Ask(
        string script, string group, IEnumerable<string> keys, RedisValue[] arguments, CancellationToken cancel)
    {
        try
        {
            var answer = await redis.Run(script, Names(group, keys), arguments, cancel);
            if (Volatile.Read(ref isAway) == 1 && Interlocked.Exchange(ref isAway, 0) == 1)
                CountsTogether(log);
            return answer;
        }
        catch (TransientException away)
        {
            if (Interlocked.Exchange(ref isAway, 1) == 0)
                CountsAlone(log, away.Message);
            return null;
        }
    }

    // The braces keep a group on one node of a cluster, and nothing else: there are as many groups as addresses.
    private RedisKey[] Names(string group, IEnumerable<string> keys)
    {
        var length = group.Length.ToString(CultureInfo.InvariantCulture);
        var place = $"{prefix}:tries:{{{Name($"group {group}")}}}:";
        return [.. keys.Select(key => (RedisKey)(place + Name($"key {length} {group}{key}")))];
    }

    private string Name(string text) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, NameBytes));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tries to guess passwords are counted by this node alone: {Why}")]
    private static partial void CountsAlone(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tries to guess passwords are counted in Redis again")]
    private static partial void CountsTogether(ILogger log);
}
