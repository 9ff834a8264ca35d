using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class RedisClusterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_refuses_none_of_it_because_all_of_a_projection_is_in_one_slot()
    {
        var folder = Directory.CreateTempSubdirectory("ef-redis-");
        await using var server = await RedisServer.Start(
            folder.FullName, "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
        Assert.Equal("OK", await server.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383"));
        await Wait.Until(async () => (await server.Do("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "a cluster");
        await using var connection = new RedisConnection(
            new RedisSettings(RedisAddress.Parse(server.Url), TimeSpan.FromSeconds(60)), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var store = new RedisViewStore(connection);

        var live = (await store.Open(Things(), Cancel)).Live;
        await Fill(live, "live");
        Assert.True(await store.Complete(Things(), live, Cancel));
        Assert.Equal("live", (await store.Find<Thing>(Things(), "1", Cancel))!.Name);
        Assert.Single((await store.List<Thing>(Things(), ByName("top"), null, 10, false, Cancel)).Views);
        var shadow = await store.BeginShadow(Things(), Cancel);
        await Fill(shadow, "shadow");
        Assert.True(await store.Switch(Things(), shadow, Cancel));
        Assert.Equal("shadow", (await store.Find<Thing>(Things(), "1", Cancel))!.Name);
        await store.BeginShadow(Things(), Cancel);
        await store.DropShadow(Things(), Cancel);
        await store.Open(Traces(), Cancel);
        // Of two projections, in two slots, and in one look.
        Assert.Equal([true, false], (await store.Look([Things(), Traces()], Cancel)).Select(one => one.IsWhole));
        folder.Delete(recursive: true);
    }

    private static async Task Fill(IGeneration generation, string name)
    {
        var change = new ViewChange("1", new Thing("1", "top", name, null), 1, [], [new IndexEntry(ByName("top"), name)]);
        Assert.True(await generation.Apply(new ViewBatch(0, 1, [change]), Cancel));
        Assert.Equal([change.View], await generation.Load(["1"], Cancel));
        await foreach (var view in generation.Views(Cancel))
            Assert.Equal("1", view.Key);
        await foreach (var place in generation.Places(Cancel))
            Assert.Equal(ByName("top"), place.Index);
    }
}
