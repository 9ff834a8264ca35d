namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// What must be atomic, in Redis' own language. All keys of a projection bear its name in braces and are named in KEYS, so
/// that a cluster keeps them together and finds them.
/// </summary>
internal static class RedisScripts
{
    /// <summary>KEYS: meta. ARGV: version. Gives live, its version, shadow, its version.</summary>
    public const string Open =
        """
        if redis.call('hexists', KEYS[1], 'live') == 0 then
            local number = redis.call('hincrby', KEYS[1], 'last', 1)
            redis.call('hset', KEYS[1], 'live', number, 'live-version', ARGV[1], 'position:' .. number, 0)
        end
        return redis.call('hmget', KEYS[1], 'live', 'live-version', 'shadow', 'shadow-version')
        """;

    /// <summary>
    /// KEYS: meta, and the views and places of the shadow that is there. ARGV: that shadow's number or nothing, the new
    /// one's version or nothing for none. Gives the new number, 0 for none, -1 when another shadow is there.
    /// </summary>
    public const string ReplaceShadow =
        """
        if (redis.call('hget', KEYS[1], 'shadow') or '') ~= ARGV[1] then return -1 end
        if ARGV[1] ~= '' then
            redis.call('unlink', KEYS[2], KEYS[3])
            redis.call('hdel', KEYS[1], 'shadow', 'shadow-version', 'position:' .. ARGV[1])
        end
        if ARGV[2] == '' then return 0 end
        local number = redis.call('hincrby', KEYS[1], 'last', 1)
        redis.call('hset', KEYS[1], 'shadow', number, 'shadow-version', ARGV[2], 'position:' .. number, 0)
        return number
        """;

    /// <summary>KEYS: meta, and the live generation's views and places. ARGV: live, shadow. Gives 1, or 0 when they are not.</summary>
    public const string Switch =
        """
        if redis.call('hget', KEYS[1], 'live') ~= ARGV[1] or redis.call('hget', KEYS[1], 'shadow') ~= ARGV[2] then
            return 0
        end
        redis.call('hset', KEYS[1], 'live', ARGV[2], 'live-version', redis.call('hget', KEYS[1], 'shadow-version'))
        redis.call('hdel', KEYS[1], 'shadow', 'shadow-version', 'position:' .. ARGV[1])
        redis.call('unlink', KEYS[2], KEYS[3])
        return 1
        """;

    /// <summary>
    /// The position guard. KEYS: meta, views, places. ARGV: number, from, upto; then for each change the key, the stored
    /// view or nothing, how many places it left, those, how many it entered, those. Gives 1, or 0 when the generation is
    /// elsewhere or gone.
    /// </summary>
    public const string Apply =
        """
        local position = 'position:' .. ARGV[1]
        if redis.call('hget', KEYS[1], position) ~= ARGV[2] then return 0 end
        redis.call('hset', KEYS[1], position, ARGV[3])
        local at, count = 4, #ARGV
        while at <= count do
            local key, view = ARGV[at], ARGV[at + 1]
            if view == '' then
                redis.call('hdel', KEYS[2], key)
            else
                redis.call('hset', KEYS[2], key, view)
            end
            local left = tonumber(ARGV[at + 2])
            for place = at + 3, at + 2 + left do
                redis.call('zrem', KEYS[3], ARGV[place])
            end
            at = at + 3 + left
            local entered = tonumber(ARGV[at])
            for place = at + 1, at + entered do
                redis.call('zadd', KEYS[3], 0, ARGV[place])
            end
            at = at + 1 + entered
        end
        return 1
        """;

    /// <summary>
    /// KEYS: meta, views, places. ARGV: min, max, the bytes of the index in a place, how many, 1 for descending. Gives
    /// live, the places, and their views.
    /// </summary>
    public const string List =
        """
        local places
        if ARGV[5] == '1' then
            places = redis.call('zrevrangebylex', KEYS[3], ARGV[2], ARGV[1], 'limit', 0, ARGV[4])
        else
            places = redis.call('zrangebylex', KEYS[3], ARGV[1], ARGV[2], 'limit', 0, ARGV[4])
        end
        local live = redis.call('hget', KEYS[1], 'live')
        if #places == 0 then return { live, places, {} } end
        local keys = {}
        for i, place in ipairs(places) do
            local _, ending = string.find(place, '\0\0', ARGV[3] + 1, true)
            keys[i] = string.sub(place, ending + 1)
        end
        return { live, places, redis.call('hmget', KEYS[2], unpack(keys)) }
        """;
}
