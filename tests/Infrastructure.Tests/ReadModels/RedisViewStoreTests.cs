using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class RedisViewStoreTests : ViewStoreContract, IAsyncDisposable
{
    private readonly RedisConnection connection;
    private readonly string prefix;

    public RedisViewStoreTests(RedisFixture redis)
    {
        prefix = redis.NewPrefix();
        connection = new RedisConnection(
            redis.Settings, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        Store = new RedisViewStore(connection, prefix);
    }

    private protected override IViewStore Store { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    [Fact]
    public async Task Whoever_opened_it_last_writes_and_those_before_can_do_nothing_however_late()
    {
        var mine = await Store.Open(Things(), Cancel);
        var shadow = await Store.BeginShadow(Things(), Cancel);
        var change = new ViewChange("1", new Thing("1", "top", "a", null), 1, [], [new IndexEntry(ByName("top"), "a")]);
        Assert.True(await mine.Live.Apply(new ViewBatch(0, 1, [change]), Cancel));

        var other = new RedisViewStore(connection, prefix);
        var theirs = await other.Open(Things(), Cancel);
        Assert.Equal((mine.Live.Number, shadow.Number), (theirs.Live.Number, theirs.Shadow!.Number));
        // At the very position that the live generation and the shadow stand at.
        Assert.False(await mine.Live.Apply(new ViewBatch(1, 2, [change with { View = null }]), Cancel));
        Assert.False(await shadow.Apply(new ViewBatch(0, 2, [change]), Cancel));
        Assert.False(await Store.Complete(Things(), mine.Live, Cancel));
        Assert.False(await Store.Switch(Things(), shadow, Cancel));
        await Store.DropShadow(Things(), Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.BeginShadow(Things(), Cancel));

        Assert.True(await theirs.Shadow.Apply(new ViewBatch(0, 2, [change]), Cancel));
        Assert.True(await theirs.Live.Apply(new ViewBatch(1, 2, []), Cancel));
        Assert.Equal(change.View, (await theirs.Live.Load(["1"], Cancel))[0]);
        Assert.True(await other.Switch(Things(), theirs.Shadow, Cancel));
    }

    [Fact]
    public async Task What_is_not_whole_is_shown_to_nobody()
    {
        await Assert.ThrowsAsync<BeingBuiltException>(() => Store.Find<Thing>(Things(), "1", Cancel).AsTask());
        var live = (await Store.Open(Things(), Cancel)).Live;
        var change = new ViewChange("1", new Thing("1", "top", "a", null), 1, [], [new IndexEntry(ByName("top"), "a")]);
        await live.Apply(new ViewBatch(0, 1, [change]), Cancel);
        await Assert.ThrowsAsync<BeingBuiltException>(() => Store.Find<Thing>(Things(), ["1", "2"], Cancel).AsTask());

        await Assert.ThrowsAsync<BeingBuiltException>(() => Store.Find<Thing>(Things(), "1", Cancel).AsTask());
        await Assert.ThrowsAsync<BeingBuiltException>(
            () => Store.List<Thing>(Things(), ByName("top"), null, 10, false, Cancel).AsTask());
        // Another version begins anew: it could not go on with these.
        Assert.NotEqual(live.Number, (await Store.Open(new Projection<Thing>("things", 9), Cancel)).Live.Number);
    }
}
