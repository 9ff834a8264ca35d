namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// What must be atomic, in Redis' own language. Every script takes the five keys of <see cref="RedisNames"/>, which a
/// cluster keeps together. A script that fails in its middle is not undone, so each looks at everything that may be
/// wrong before it writes; and memory that is used up refuses its first write or none.
/// </summary>
/// <remarks>
/// The figures are a hash: <c>last</c> generation's number; <c>writer</c>, the one store that may write; <c>half</c>, the
/// one that is live; <c>whole</c>, when readers may see it; and of each half <c>number</c>, <c>version</c>,
/// <c>position</c>, and how many <c>views</c> and <c>places</c> it must have. A server that is short of memory may drop
/// one key and keep the others: the counts tell.
/// </remarks>
internal static class RedisScripts
{
    /// <summary>ARGV: version, writer. Gives the live half, number, version, whether it is whole; the shadow's number, version.</summary>
    public const string Open = Shared +
        """
        if not is(figures, 'hash') then cmd('unlink', figures) end
        local half = tonumber(of('half'))
        if not half or not sound(half) or (of('whole') ~= '1' and of('version:' .. half) ~= ARGV[1]) then
            clear(0)
            clear(1)
            half = 0
            cmd('hdel', figures, 'whole')
            begin(half, ARGV[1])
            cmd('hset', figures, 'half', half)
        end
        local other = 1 - half
        if of('number:' .. other) and not sound(other) then
            local number, version = of('number:' .. other), of('version:' .. other)
            clear(other)
            describe(other, number, version)
        end
        cmd('hset', figures, 'writer', ARGV[2])
        return {
            half, of('number:' .. half), of('version:' .. half), of('whole') or '0', of('number:' .. other) or '0',
            of('version:' .. other) or '0' }
        """;

    /// <summary>ARGV: writer, the new shadow's version or nothing for none. Gives its half and number, or nothing for no right to it.</summary>
    public const string ReplaceShadow = Shared +
        """
        if of('writer') ~= ARGV[1] then return {} end
        local other = 1 - tonumber(of('half'))
        clear(other)
        if ARGV[2] ~= '' then begin(other, ARGV[2]) end
        return { other, of('number:' .. other) or '0' }
        """;

    /// <summary>ARGV: writer, number of the shadow. Gives 1, or 0 when it is none or not this writer's.</summary>
    public const string Switch = Shared +
        """
        local half = tonumber(of('half') or '')
        if of('writer') ~= ARGV[1] or of('number:' .. 1 - half) ~= ARGV[2] or not sound(1 - half) then return 0 end
        clear(half)
        cmd('hset', figures, 'half', 1 - half, 'whole', '1')
        return 1
        """;

    /// <summary>ARGV: writer, number. Gives 1, or 0 when it is not live or not this writer's.</summary>
    public const string Complete = Shared +
        """
        local half = of('half')
        if of('writer') ~= ARGV[1] or of('number:' .. (half or '')) ~= ARGV[2] then return 0 end
        cmd('hset', figures, 'whole', '1')
        return 1
        """;

    /// <summary>
    /// The position guard. ARGV: writer, half, number, from, upto; then for each change the key, the stored view or
    /// nothing, how many places it left, those, how many it entered, those. Gives 1, or 0 when another writes, or the
    /// generation is elsewhere, gone or damaged.
    /// </summary>
    public const string Apply = Shared +
        """
        local half = ARGV[2]
        if of('writer') ~= ARGV[1] or of('number:' .. half) ~= ARGV[3] or of('position:' .. half) ~= ARGV[4]
            or not sound(half) then
            return 0
        end
        cmd('hset', figures, 'position:' .. half, ARGV[5])
        local at, count = 6, #ARGV
        while at <= count do
            local key, view = ARGV[at], ARGV[at + 1]
            if view == '' then
                cmd('hdel', views(half), key)
            else
                cmd('hset', views(half), key, view)
            end
            local left = tonumber(ARGV[at + 2])
            for place = at + 3, at + 2 + left do
                cmd('zrem', places(half), ARGV[place])
            end
            at = at + 3 + left
            local entered = tonumber(ARGV[at])
            for place = at + 1, at + entered do
                cmd('zadd', places(half), 0, ARGV[place])
            end
            at = at + 1 + entered
        end
        cmd('hset', figures, 'views:' .. half, cmd('hlen', views(half)), 'places:' .. half, cmd('zcard', places(half)))
        return 1
        """;

    /// <summary>Gives the live generation's number, version and position, and whether readers may see it; four times 0 for none.</summary>
    public const string Look = Shared +
        """
        local half = is(figures, 'hash') and of('half')
        if not half then return { '0', '0', '0', '0' } end
        local whole = of('whole') == '1' and sound(half)
        return { of('number:' .. half), of('version:' .. half), of('position:' .. half), whole and '1' or '0' }
        """;

    /// <summary>ARGV: keys. Gives their views, and behind them whether readers may see the live generation.</summary>
    public const string Find = Shared +
        """
        local half = of('half')
        if of('whole') ~= '1' then return { '0' } end
        local found, isThere = cmd('hmget', views(half), unpack(ARGV)), true
        for i = 1, #ARGV do isThere = isThere and found[i] end
        if not isThere and not sound(half) then return { '0' } end
        found[#ARGV + 1] = '1'
        return found
        """;

    /// <summary>
    /// ARGV: min, max, the bytes of the index in a place, how many, 1 for descending. Gives whether readers may see the
    /// live generation, the places, and their views.
    /// </summary>
    public const string List = Shared +
        """
        local half = of('half')
        if of('whole') ~= '1' or not sound(half) then return { '0' } end
        local found
        if ARGV[5] == '1' then
            found = cmd('zrevrangebylex', places(half), ARGV[2], ARGV[1], 'limit', 0, ARGV[4])
        else
            found = cmd('zrangebylex', places(half), ARGV[1], ARGV[2], 'limit', 0, ARGV[4])
        end
        if #found == 0 then return { '1', found, {} } end
        local keys = {}
        for i, place in ipairs(found) do
            local _, ending = string.find(place, '\0\0', ARGV[3] + 1, true)
            keys[i] = string.sub(place, ending + 1)
        end
        return { '1', found, cmd('hmget', views(half), unpack(keys)) }
        """;

    private const string Shared =
        """
        local cmd, figures = redis.call, KEYS[1]
        local function views(half) return KEYS[2 + 2 * half] end
        local function places(half) return KEYS[3 + 2 * half] end
        local function of(name) return cmd('hget', figures, name) end
        local function is(key, kind)
            local found = cmd('type', key).ok
            return found == kind or found == 'none'
        end
        local function sound(half)
            return is(views(half), 'hash') and is(places(half), 'zset')
                and tostring(cmd('hlen', views(half))) == of('views:' .. half)
                and tostring(cmd('zcard', places(half))) == of('places:' .. half)
        end
        local function clear(half)
            cmd('unlink', views(half), places(half))
            cmd('hdel', figures, 'number:' .. half, 'version:' .. half, 'position:' .. half, 'views:' .. half,
                'places:' .. half)
        end
        local function describe(half, number, version)
            cmd('hset', figures, 'number:' .. half, number, 'version:' .. half, version, 'position:' .. half, 0,
                'views:' .. half, 0, 'places:' .. half, 0)
        end
        local function begin(half, version) describe(half, cmd('hincrby', figures, 'last', 1), version) end

        """;
}
