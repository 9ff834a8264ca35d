namespace EventFiles.Infrastructure.Tries;

/// <summary>
/// What must be atomic, in Redis' own language. Each key is a sorted set of tries by the microsecond in which they were
/// taken, by Redis' own clock. All keys of a call have one group, which a cluster keeps together.
/// </summary>
internal static class TriesScripts
{
    /// <summary>
    /// ARGV: a name that no other try has; then of each key how many tries, and the window in µs. Gives how many µs to
    /// wait, or 0 when all were taken. What is no set of tries was spoilt, and goes. A script that fails in its middle is
    /// not undone: it looks at every key before it takes a try, and a full memory refuses the first of them. Tries that
    /// lie ahead do not count: the clock was set back.
    /// </summary>
    public const string Take =
        """
        local time = redis.call('time')
        local now = time[1] * 1000000 + time[2]
        local function digits(number) return string.format('%.0f', number) end
        local function limit(i) return tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1]) end
        local wait = 0
        for i, key in ipairs(KEYS) do
            local most, window = limit(i)
            local kind = redis.call('type', key).ok
            if kind ~= 'zset' and kind ~= 'none' then redis.call('unlink', key) end
            local since = '(' .. digits(now - window)
            local count = redis.call('zcount', key, since, digits(now))
            if count >= most then
                local first = redis.call('zrangebyscore', key, since, digits(now), 'withscores', 'limit', count - most, 1)
                wait = math.max(wait, first[2] + window - now)
            end
        end
        if wait > 0 then return wait end
        for i, key in ipairs(KEYS) do
            local _, window = limit(i)
            redis.call('zadd', key, digits(now), ARGV[1])
            redis.call('zremrangebyscore', key, '-inf', digits(now - window))
            redis.call('zremrangebyscore', key, '(' .. digits(now), '+inf')
            redis.call('pexpire', key, digits(math.ceil(window / 1000)))
        end
        return 0
        """;

    /// <summary>Takes the youngest try of each key away.</summary>
    public const string GiveBack =
        """
        for _, key in ipairs(KEYS) do redis.call('zpopmax', key) end
        return 1
        """;

    /// <summary>Takes all tries of the keys away.</summary>
    public const string Forget = "return redis.call('unlink', unpack(KEYS))";
}
