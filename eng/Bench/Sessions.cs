using System.Globalization;
using System.Security.Cryptography;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace EventFiles.Bench;

/// <summary>
/// What a hundred thousand people who are signed in take up in Redis, views and their places in lists together, and how
/// fast one of them is recognised there, against the same value read by its name.
/// </summary>
internal static class Sessions
{
    private const int Live = 100_000;
    private const int PerBatch = 1_000;
    private const double MostBytes = 1024;

    // As long as a browser says it is.
    private const string Device =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0";

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var url = await arena.Redis(cancel);
        var slices = new Slices([AccountsSlice.Define()]);
        var services = new ServiceCollection().AddLogging().AddSingleton(slices).AddRedisReadModels(url, "sessions").BuildServiceProvider();
        var projection = slices.All.SelectMany(slice => slice.Projections).Single(shown => shown.View == typeof(SessionView));
        var store = services.GetRequiredService<IViewStore>();
        var bare = await arena.BareRedis(cancel);

        var before = await Used(bare);
        var ids = await SignIn(store, projection, cancel);
        var after = await Used(bare);
        var views = RedisHash(bare);
        var keys = Array.ConvertAll(ids, id => id.ToString());
        return new Prepared(
            new Contest(
                "sessions/s",
                [
                    Of("bare HGET", async key => (await bare.GetDatabase().HashGetAsync(views, key)).HasValue),
                    Of("session", async key => await store.Find<SessionView>(projection, key, cancel) is not null),
                ],
                [
                    new AmountGoal(
                        string.Create(CultureInfo.InvariantCulture, $"bytes in Redis for one of {Live:N0}"), "session",
                        (double)(after - before) / Live, MostBytes),
                    new Goal("a session in Redis", "session", "bare HGET", null),
                ]),
            async _ =>
            {
                bare.Dispose();
                await services.DisposeAsync();
            });

        Contestant Of(string name, Func<string, Task<bool>> find) => new(name, (time, stop) => Load.Run(
            Load.AtOnce, time,
            async _ =>
            {
                if (!await find(keys[Random.Shared.Next(keys.Length)]))
                    throw new BenchException("A session is missing.");
            },
            stop))
        {
            IsHere = true,
            Processes = [arena.RedisId],
        };
    }

    // As the views' keeper does it: the log's facts, folded, a batch at a time.
    private static async Task<SessionId[]> SignIn(IViewStore store, IProjection projection, CancellationToken cancel)
    {
        var live = (await store.Open(projection, cancel)).Live;
        var (ids, now) = (new SessionId[Live], DateTimeOffset.UtcNow);
        for (var from = 0; from < Live; from += PerBatch)
        {
            var changes = new List<ViewChange>(PerBatch);
            for (var at = from; at < from + PerBatch; at++)
            {
                var (session, account) = (new SessionId(Guid.CreateVersion7()), new AccountId(Guid.CreateVersion7()));
                var opened = new SessionEvent.Opened(
                    session, account, SessionKind.Web, null, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), 1, Device, now + SessionDecider.Life, "203.0.113.7");
                var view = projection.Fold(null, new RecordedEvent(
                    at + 1, SessionDecider.StreamOf(session, account), 1, Guid.CreateVersion7(), "accounts.session-opened.v3", now.AddTicks(at), opened))!;
                changes.Add(new ViewChange(session.ToString(), view, at + 1, [], [.. projection.Entries(session.ToString(), view)]));
                ids[at] = session;
            }

            if (!await live.Apply(new ViewBatch(from, from + PerBatch, changes), cancel))
                throw new BenchException("Views were not written.");
        }

        return await store.Complete(projection, live, cancel) ? ids : throw new BenchException("Views are not shown.");
    }

    private static RedisKey RedisHash(ConnectionMultiplexer bare) =>
        bare.GetServer(bare.GetEndPoints()[0]).Keys(pattern: "sessions:*:views").Single();

    private static async Task<long> Used(ConnectionMultiplexer bare)
    {
        var memory = await bare.GetServer(bare.GetEndPoints()[0]).InfoAsync("memory");
        return long.Parse(memory.SelectMany(part => part).Single(line => line.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }
}
