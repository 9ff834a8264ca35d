using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.ShardNode;
using Microsoft.Extensions.DependencyInjection;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>
/// A Redis of one's own, to which everything happens that may. Readers get what is right or are told to come again, and
/// never a part; and without a word from anybody the views are there again, equal to those that memory would hold.
/// </summary>
public sealed class RedisFaultTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Cards = 40;

    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(60);

    private static readonly string[][] Damages =
    [
        ["FLUSHALL"],
        ["DEL test:{boards}"],
        ["DEL test:{boards}:0:views"],
        ["DEL test:{boards}:0:places"],
        ["SET test:{boards} x"],
        ["SET test:{boards}:0:views x"],
        ["SET test:{boards}:0:places x"],
        ["CONFIG SET maxmemory-policy allkeys-lru", "CONFIG SET maxmemory 1", "SET any thing", "CONFIG SET maxmemory 0"],
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ef-redis-");
    private RedisServer redis = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => redis = await RedisServer.Start(folder.FullName);

    public async ValueTask DisposeAsync()
    {
        await redis.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_lost_or_spoilt_is_made_again_although_nothing_happens_and_meanwhile_nobody_sees_a_part()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        foreach (var damage in Damages)
        {
            foreach (var command in damage)
                await redis.Do(command.Split(' '));
            await Eventually(async () =>
            {
                // Nothing is said to be there again before it is.
                var isReady = node.Position.IsCaughtUp;
                var (board, page) = (await node.Find("7"), await node.Get<IReadModel<View>>().List("by-size", null, 100, false, Cancel));
                Assert.Equal((Cards, 20), (board?.Cards.Length ?? 0, page.Items.Count));
                return isReady && (await node.Status()).State == "live";
            });
            await IsAsInMemory(node);
        }

        await node.Show(new Pinned("7", "later"));
        Assert.Equal(Cards + 1, (await node.Find("7"))!.Cards.Length);
        await IsAsInMemory(node);
    }

    [Fact]
    public async Task Emptied_again_and_again_while_everybody_writes_it_ends_as_if_nothing_had_been()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Task.WhenAll(Enumerable.Range(0, 3).Select(Write));
        for (var round = 0; round < 4; round++)
        {
            await redis.Do(round % 2 == 0 ? "FLUSHALL" : "FLUSHDB");
            await Eventually(async () => (await node.Find("7"))!.Cards.Length == Cards);
        }

        await done.CancelAsync();
        await writers;
        var last = await node.Get<IEventFeed>().Last(Cancel);
        await Wait.Until(() => node.Position.IsCaughtUp && node.Position.Applied >= last, "the last event");
        await IsAsInMemory(node);

        async Task Write(int writer)
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                await node.Happen(new Pinned($"w{writer}", $"{i}"), new Named($"w{writer}", $"{i}"));
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task Killed_and_started_empty_it_is_filled_again_without_a_restart()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        await redis.Kill();
        await node.Happen(new Pinned("1", "b"));
        await Assert.ThrowsAsync<TransientException>(() => node.Find("7"));
        await Wait.Until(() => !node.Position.IsCaughtUp, "a node that says that it is not ready");

        await redis.Restart();
        await Eventually(async () => (await node.Find("7"))!.Cards.Length == Cards && node.Position.IsCaughtUp);
        await IsAsInMemory(node);
    }

    [Fact]
    public async Task Restored_from_an_older_copy_it_catches_up_and_nobody_is_told_that_it_had()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        Assert.Equal("OK", await redis.Do("SAVE"));
        await node.Show(new Pinned("7", "later"));
        await redis.Kill();
        await redis.Restart();
        var last = await node.Happen(new Pinned("7", "last"));

        await Eventually(async () =>
        {
            var isReached = await node.Position.Reached(last, TimeSpan.FromMilliseconds(10), Cancel);
            var cards = (await node.Find("7"))!.Cards;
            Assert.True(!isReached || cards is [.., "later", "last"], $"{cards.Length} cards");
            return isReached;
        });
        await IsAsInMemory(node);
    }

    [Fact]
    public async Task Frozen_it_holds_nobody_up_and_thawed_it_goes_on()
    {
        await using var node = await Start(TimeSpan.FromSeconds(1));
        await Fill(node);
        await redis.Freeze();
        var last = await node.Happen(new Pinned("1", "b"));
        // The first wait a second, and those after them not at all: ten thousand would take hours.
        for (var i = 0; i < 10_000; i++)
            await Assert.ThrowsAsync<TransientException>(() => node.Find("7"));
        await Wait.Until(() => !node.Position.IsCaughtUp, "a node that says that it is not ready");

        await redis.Thaw();
        await Eventually(async () => (await node.Find("1"))!.Cards is [.., "b"]);
        Assert.True(await node.Position.Reached(last, TimeSpan.FromMinutes(3), Cancel));
        await IsAsInMemory(node);
    }

    [Fact]
    public async Task Out_of_memory_it_shows_what_it_has_and_takes_the_rest_when_there_is_room()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        await redis.Do("CONFIG", "SET", "maxmemory", "1");
        var last = await node.Happen(new Pinned("7", "later"));
        await node.Until(one => one.State == "failing", "a projection that cannot go on");
        Assert.Equal(Cards, (await node.Find("7"))!.Cards.Length);
        Assert.Equal(20, (await node.Get<IReadModel<View>>().List("by-size", null, 100, false, Cancel)).Items.Count);
        Assert.False(await node.Position.Reached(last, TimeSpan.FromMilliseconds(10), Cancel));

        await redis.Do("CONFIG", "SET", "maxmemory", "0");
        Assert.True(await node.Position.Reached(last, TimeSpan.FromMinutes(3), Cancel));
        Assert.Equal(Cards + 1, (await node.Find("7"))!.Cards.Length);
        await IsAsInMemory(node);
    }

    [Fact]
    public async Task A_paused_projection_whose_views_were_lost_is_made_again_up_to_where_it_was_paused()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        await node.Ask(ProjectionWish.Pause);
        await node.Until(one => one.State == "paused", "the pause");
        await node.Happen(new Pinned("7", "later"));
        await redis.Do("FLUSHALL");

        await Eventually(async () => (await node.Find("7"))!.Cards.Length == Cards);
        await node.Ask(ProjectionWish.Resume);
        await Eventually(async () => (await node.Find("7"))!.Cards.Length == Cards + 1);
    }

    [Fact]
    public async Task What_is_lost_at_the_moment_of_a_pause_is_made_again_as_far_as_it_was_shown()
    {
        await using var node = await Start(Patient);
        for (var round = 1; round <= 5; round++)
        {
            await node.Show([.. Enumerable.Range(0, 20).Select(board => new Pinned($"{board}", $"{round}"))]);
            await node.Ask(ProjectionWish.Pause);
            await redis.Do("FLUSHALL");

            await Eventually(async () => (await node.Find("7"))?.Cards.Length == round);
            await node.Until(one => one.State == "paused", "the pause");
            Assert.Equal(round, (await node.Find("7"))?.Cards.Length);
            await node.Ask(ProjectionWish.Resume);
            await node.Until(one => one.State == "live", "the end of the pause");
        }
    }

    [Fact]
    public async Task What_could_not_be_made_again_when_the_pause_came_is_made_again_as_far_as_it_was_shown()
    {
        await using var node = await Start(Patient);
        await Fill(node);
        await redis.Do("CONFIG", "SET", "maxmemory", "1");
        await redis.Do("FLUSHALL");
        // The first says that they are gone, and the next ones that there is no room for new ones.
        await Wait.Until(() => node.Log.Lines.Any(line => line.Text.Contains("(failure 3)", StringComparison.Ordinal)), "the third failure");
        await node.Ask(ProjectionWish.Pause);
        await node.Until(one => one.Paused, "the pause");

        await redis.Do("CONFIG", "SET", "maxmemory", "0");
        await Eventually(async () => (await node.Find("7"))?.Cards.Length == Cards);
        await node.Until(one => one.State == "paused", "the end of making them again");
    }

    private async Task<BoardNode> Start(TimeSpan longestCall) => await new BoardNode(
        await postgres.CreateDatabase(),
        services => services.AddRedisReadModels(new RedisSettings(RedisAddress.Parse(redis.Url), longestCall), "test")).Start();

    private static async Task Fill(BoardNode node)
    {
        for (var card = 0; card < Cards; card++)
            await node.Happen([.. Enumerable.Range(0, 20).Select(board => new Pinned($"{board}", $"{card}"))]);
        await node.Show([.. Enumerable.Range(0, 20).Select(board => new Named($"{board}", $"name {board}"))]);
    }

    // Whoever is told to come again comes again.
    private static Task Eventually(Func<Task<bool>> isSo) => Wait.Until(
        async () =>
        {
            try
            {
                return await isSo();
            }
            catch (TransientException)
            {
                return false;
            }
        },
        "the views");

    private static async Task IsAsInMemory(BoardNode node)
    {
        var last = await node.Get<IEventFeed>().Last(Cancel);
        IProjection[] projections = [node.Board.Boards(), Tallies()];
        await Eventually(async () => (await node.Store.Look(projections, Cancel)).All(one => one.IsWhole && one.Position >= last));
        foreach (var projection in projections)
        {
            var shard = await Shard.Open(projection, new MemoryGeneration(projection, 1), new MemoryParkedEvents(), Cancel);
            while (shard.Position < last)
                Assert.True(await shard.Take(await node.Get<IEventFeed>().After(shard.Position, 1000, null, TimeSpan.Zero, Cancel), Cancel));
            shard.Generation.Publish();
            var expected = (await Leaves.Scan(shard.Generation, Cancel)).ToDigest();
            Assert.Equal(expected, await node.Digest(projection));
        }
    }
}
