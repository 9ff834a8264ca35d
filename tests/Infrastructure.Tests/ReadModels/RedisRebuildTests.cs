using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.ShardNode;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class RedisRebuildTests(PostgresFixture postgres, RedisFixture redis) : RebuildContract(postgres)
{
    private readonly string prefix = redis.NewPrefix();

    [Fact]
    public async Task One_node_writes_and_the_others_readers_see_their_own_writes()
    {
        var database = await Database();
        await using var first = await Start(database: database);
        await using var second = await Start(database: database);
        for (var i = 0; i < 50; i++)
        {
            var (writer, other) = i % 2 == 0 ? (first, second) : (second, first);
            var position = await writer.Show(new Pinned("1", $"{i}"));
            Assert.Equal(i + 1, (await writer.Find("1"))!.Cards.Length);
            Assert.True(await other.Position.Reached(position, TimeSpan.FromMinutes(3), Cancel));
            Assert.Equal(i + 1, (await other.Find("1"))!.Cards.Length);
        }

        Assert.Equal(50, (await second.Get<IReadModel<Tally>>().Find("board-1", Cancel))!.Events);
    }

    [Fact]
    public async Task Views_outlive_the_node_and_are_not_made_again()
    {
        var database = await Database();
        await using (var node = await Start(database: database))
            await node.Show(new Pinned("1", "a"));
        await using var next = await Start(new Board { Poison = { "a" } }, database);

        Assert.Equal(["a"], (await next.Find("1"))!.Cards);
        Assert.Empty(await next.Register.Parked(Cancel));
    }

    [Fact]
    public async Task Views_of_a_new_version_are_made_beside_the_old_ones_and_take_their_place()
    {
        var database = await Database();
        await using (var node = await Start(database: database))
            await node.Show(new Pinned("1", "a"));

        await using var next = new BoardNode(database, AddViews, new Board { Version = 2 });
        Assert.Equal(1, (await next.Find("1"))!.Version);
        await next.Start();
        Assert.Equal(2, (await next.Until(one => one is { Version: 2, State: "live" }, "the new version")).Generation);
        Assert.Equal(2, (await next.Find("1"))!.Version);
        await next.Show(new Pinned("1", "b"));
        Assert.Equal(["a", "b"], (await next.Find("1"))!.Cards);
    }

    [Fact]
    public async Task A_rebuild_that_ended_before_it_could_say_so_is_not_done_again()
    {
        var database = await Database();
        await using (var node = await Start(database: database))
        {
            await node.Show(new Pinned("1", "a"));
            await node.Ask(ProjectionWish.Rebuild);
            await node.Until(one => one.Rebuild is null, "the rebuild");
        }

        await using (var source = NpgsqlDataSource.Create(database))
        await using (var undo = source.CreateCommand("update eventfiles.projection_shards set rebuild = 'switch' where name = 'boards'"))
            await undo.ExecuteNonQueryAsync(Cancel);
        await using var next = await Start(database: database);
        Assert.Equal(2, (await next.Until(one => one.Rebuild is null, "the end")).Generation);
        Assert.Equal(2, (await next.Store.Open(next.Board.Boards(), Cancel)).Live.Number);
    }

    private protected override void AddViews(IServiceCollection services) =>
        services.AddRedisReadModels(redis.Settings, prefix).AddPipeline().AddInProcessMessaging();
}
