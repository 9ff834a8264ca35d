using System.Collections.Concurrent;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// Views in Redis, for all nodes. What readers see is decided where it is stored, within one script: no node has to learn
/// of a switch. Each store has a mark of its own, and only the one that opened a projection last can write its views,
/// however long another slept meanwhile.
/// </summary>
internal sealed class RedisViewStore(RedisConnection redis, string prefix = "eventfiles") : IViewStore
{
    private readonly ConcurrentDictionary<string, RedisNames> names = new(StringComparer.Ordinal);
    private readonly string mark = Guid.NewGuid().ToString("N");

    public bool IsShared => true;

    public async Task<Generations> Open(IProjection projection, CancellationToken cancel)
    {
        var found = (RedisValue[])(await Run(RedisScripts.Open, projection, [projection.Version, mark], cancel))!;
        var half = (int)found[0];
        return new Generations(
            Generation(projection, half, (int)found[1], (int)found[2]),
            (int)found[3] == 1,
            (int)found[4] == 0 ? null : Generation(projection, 1 - half, (int)found[4], (int)found[5]));
    }

    public async Task<bool> Complete(IProjection projection, IGeneration live, CancellationToken cancel) =>
        (int)await Run(RedisScripts.Complete, projection, [mark, live.Number], cancel) == 1;

    public async Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel)
    {
        var found = await ReplaceShadow(projection, projection.Version, cancel);
        return found.Length > 0
            ? Generation(projection, (int)found[0], (int)found[1], projection.Version)
            : throw new InvalidOperationException("Another node writes these views, or they are gone.");
    }

    public Task DropShadow(IProjection projection, CancellationToken cancel) =>
        ReplaceShadow(projection, RedisValue.EmptyString, cancel);

    public async Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel) =>
        (int)await Run(RedisScripts.Switch, projection, [mark, shadow.Number], cancel) == 1;

    public async Task<IReadOnlyList<Standing>> Look(IReadOnlyList<IProjection> projections, CancellationToken cancel)
    {
        var found = await redis.Call(
            database => Task.WhenAll(projections.Select(projection =>
                database.ScriptEvaluateAsync(RedisScripts.Look, Names(projection).All))),
            cancel);
        return Array.ConvertAll(found, one =>
        {
            var figures = (RedisValue[])one!;
            return new Standing((int)figures[0], (int)figures[1], (long)figures[2], (int)figures[3] == 1);
        });
    }

    public async ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel)
        where TView : class => (await Find<TView>(projection, [key], cancel))[0];

    public async ValueTask<IReadOnlyList<TView?>> Find<TView>(IProjection projection, IReadOnlyList<string> keys, CancellationToken cancel)
        where TView : class
    {
        var found = (RedisValue[])(await Run(RedisScripts.Find, projection, [.. keys.Select(key => (RedisValue)key)], cancel))!;
        MustBeWhole(projection, found[^1]);
        return Array.ConvertAll(found[..^1], stored => stored.IsNull ? null : View<TView>(stored));
    }

    public async ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class
    {
        var prefixOf = RedisPlaces.Prefix(index);
        var min = after is { } from && !descending ? [(byte)'(', .. RedisPlaces.Of(index, from)] : (byte[])[(byte)'[', .. prefixOf];
        var max = after is { } upto && descending
            ? [(byte)'(', .. RedisPlaces.Of(index, upto)]
            : (byte[])[(byte)'(', .. RedisPlaces.End(index)];
        // One more than wanted tells whether another page follows.
        var found = (RedisResult[])(await Run(
            RedisScripts.List, projection, [min, max, prefixOf.Length, limit + 1, descending ? 1 : 0], cancel))!;
        MustBeWhole(projection, (RedisValue)found[0]);
        var (places, values) = ((RedisValue[])found[1]!, (RedisValue[])found[2]!);
        // A place without its view was planted: a comparison tells of it.
        var views = values.Take(limit).Where(value => !value.IsNull).Select(View<TView>).ToArray();
        return new Listing<TView>(views, places.Length > limit ? RedisPlaces.Read((byte[])places[limit - 1]!).At : null);
    }

    private static void MustBeWhole(IProjection projection, RedisValue isWhole)
    {
        if ((int)isWhole != 1)
            throw new BeingBuiltException(projection.Name);
    }

    private static TView View<TView>(RedisValue stored) =>
        (TView)CanonicalJson.Read(typeof(TView), RedisGeneration.Json((byte[])stored!));

    // Whoever asks before anybody has opened anything opens it; another's projection stays the other's.
    private async Task<RedisValue[]> ReplaceShadow(IProjection projection, RedisValue version, CancellationToken cancel)
    {
        var found = await Ask();
        if (found.Length > 0 || (await Look([projection], cancel))[0].Generation > 0)
            return found;
        await Open(projection, cancel);
        return await Ask();

        async Task<RedisValue[]> Ask() =>
            (RedisValue[])(await Run(RedisScripts.ReplaceShadow, projection, [mark, version], cancel))!;
    }

    private Task<RedisResult> Run(string script, IProjection projection, RedisValue[] arguments, CancellationToken cancel) =>
        redis.Run(script, Names(projection).All, arguments, cancel);

    private RedisGeneration Generation(IProjection projection, int half, int number, int version) =>
        new(redis, Names(projection), projection, mark, half, number, version);

    private RedisNames Names(IProjection projection) =>
        names.GetOrAdd(projection.Name, static (name, prefix) => new RedisNames(prefix, name), prefix);
}
