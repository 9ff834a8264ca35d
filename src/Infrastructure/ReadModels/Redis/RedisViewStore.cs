using System.Collections.Concurrent;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>Views in Redis, for all nodes. A reader asks the generation that it knows as live and learns whether it still is.</summary>
internal sealed class RedisViewStore(RedisConnection redis, string prefix = "eventfiles") : IViewStore
{
    private readonly ConcurrentDictionary<string, int> lives = new(StringComparer.Ordinal);

    public bool IsShared => true;

    public async Task<Generations> Open(IProjection projection, CancellationToken cancel)
    {
        var names = Names(projection);
        var there = (RedisValue[])(await redis.Run(RedisScripts.Open, [names.Meta], [projection.Version], cancel))!;
        return new Generations(
            new RedisGeneration(redis, names, projection, (int)there[0], (int)there[1]),
            there[2].IsNull ? null : new RedisGeneration(redis, names, projection, (int)there[2], (int)there[3]));
    }

    public async Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel) =>
        new RedisGeneration(
            redis, Names(projection), projection, await ReplaceShadow(projection, projection.Version, cancel), projection.Version);

    public Task DropShadow(IProjection projection, CancellationToken cancel) =>
        ReplaceShadow(projection, RedisValue.EmptyString, cancel);

    public async Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel)
    {
        var names = Names(projection);
        var live = (await Open(projection, cancel)).Live.Number;
        return (int)await redis.Run(
            RedisScripts.Switch, [names.Meta, names.Views(live), names.Places(live)], [live, shadow.Number], cancel) == 1;
    }

    public async Task<IReadOnlyList<(int Version, long Position)>> LivePositions(
        IReadOnlyList<IProjection> projections, CancellationToken cancel) =>
        await redis.Call(
            async database =>
            {
                var all = await Task.WhenAll(projections.Select(projection => database.HashGetAllAsync(Names(projection).Meta)));
                return Array.ConvertAll(all, LivePosition);
            },
            cancel);

    public async ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel)
        where TView : class
    {
        var names = Names(projection);
        while (true)
        {
            var asked = lives.GetValueOrDefault(projection.Name);
            var (value, live) = await redis.Call(
                async database =>
                {
                    // In this order, in one round trip: what was live after the view was read was so when it was read.
                    var view = database.HashGetAsync(names.Views(asked), key);
                    var now = database.HashGetAsync(names.Meta, "live");
                    return (await view, await now);
                },
                cancel);
            if (IsStill(projection, asked, live))
                return value.IsNull ? null : (TView)CanonicalJson.Read(typeof(TView), RedisGeneration.Json((byte[])value!));
        }
    }

    public async ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class
    {
        var names = Names(projection);
        var prefixOf = RedisPlaces.Prefix(index);
        var min = after is { } from && !descending ? [(byte)'(', .. RedisPlaces.Of(index, from)] : (byte[])[(byte)'[', .. prefixOf];
        var max = after is { } upto && descending
            ? [(byte)'(', .. RedisPlaces.Of(index, upto)]
            : (byte[])[(byte)'(', .. RedisPlaces.End(index)];
        while (true)
        {
            var asked = lives.GetValueOrDefault(projection.Name);
            // One more than wanted tells whether another page follows.
            var found = (RedisResult[])(await redis.Run(
                RedisScripts.List, [names.Meta, names.Views(asked), names.Places(asked)],
                [min, max, prefixOf.Length, limit + 1, descending ? 1 : 0], cancel))!;
            if (!IsStill(projection, asked, (RedisValue)found[0]))
                continue;
            var (places, values) = ((RedisValue[])found[1]!, (RedisValue[])found[2]!);
            var views = values.Take(limit).Where(value => !value.IsNull)
                .Select(value => (TView)CanonicalJson.Read(typeof(TView), RedisGeneration.Json((byte[])value!))).ToArray();
            return new Listing<TView>(views, places.Length > limit ? RedisPlaces.Read((byte[])places[limit - 1]!).At : null);
        }
    }

    private static (int Version, long Position) LivePosition(HashEntry[] meta)
    {
        var fields = meta.ToDictionary(field => (string)field.Name!, field => field.Value, StringComparer.Ordinal);
        return fields.TryGetValue("live", out var live)
            ? ((int)fields["live-version"], (long)fields[RedisNames.Position((int)live)])
            : (0, 0);
    }

    // Null when there is nothing yet: nothing is what readers see.
    private bool IsStill(IProjection projection, int asked, RedisValue live)
    {
        var now = live.IsNull ? 0 : (int)live;
        if (now == asked)
            return true;
        lives[projection.Name] = now;
        return false;
    }

    private async Task<int> ReplaceShadow(IProjection projection, RedisValue version, CancellationToken cancel)
    {
        var names = Names(projection);
        while (true)
        {
            var there = (await Open(projection, cancel)).Shadow?.Number;
            var number = (int)await redis.Run(
                RedisScripts.ReplaceShadow, [names.Meta, names.Views(there ?? 0), names.Places(there ?? 0)],
                [there is null ? RedisValue.EmptyString : there.Value, version], cancel);
            if (number >= 0)
                return number;
        }
    }

    private RedisNames Names(IProjection projection) => new(prefix, projection.Name);
}
