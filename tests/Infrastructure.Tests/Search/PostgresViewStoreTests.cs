using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Search;
using EventFiles.Infrastructure.Tests.ReadModels;

namespace EventFiles.Infrastructure.Tests.Search;

/// <summary>The same promises as in memory and in Redis.</summary>
public sealed class PostgresViewStoreTests(PostgresFixture postgres) : ViewStoreContract, IAsyncLifetime
{
    private EventPool pool = null!;
    private PostgresViewStore store = null!;

    private protected override IViewStore Store => store;

    public async ValueTask InitializeAsync()
    {
        pool = new EventPool(await postgres.CreateDatabase());
        store = new PostgresViewStore(pool, new SearchRows(pool, "simple"));
    }

    public async ValueTask DisposeAsync() => await pool.DisposeAsync();

    [Fact]
    public async Task Whoever_opened_it_last_writes_and_those_before_cannot()
    {
        var projection = Shelf.Slices().All.SelectMany(slice => slice.Projections).First();
        var cancel = TestContext.Current.CancellationToken;
        var former = await store.Open(projection, cancel);
        Assert.True(await former.Live.Apply(new ViewBatch(0, 5, []), cancel));
        var latter = await new PostgresViewStore(pool, new SearchRows(pool, "simple")).Open(projection, cancel);
        Assert.Equal(5, await latter.Live.Position(cancel));
        Assert.False(await former.Live.Apply(new ViewBatch(5, 6, []), cancel));
        Assert.False(await store.Complete(projection, former.Live, cancel));
        Assert.True(await latter.Live.Apply(new ViewBatch(5, 6, []), cancel));
    }

    [Fact]
    public async Task Made_with_other_settings_views_are_made_anew()
    {
        var projection = Shelf.Slices().All.SelectMany(slice => slice.Projections).First();
        var cancel = TestContext.Current.CancellationToken;
        var former = await store.Open(projection, cancel);
        Assert.True(await former.Live.Apply(new ViewBatch(0, 5, []), cancel));
        var latter = await new PostgresViewStore(pool, new SearchRows(pool, "german"), "german").Open(projection, cancel);
        Assert.Equal(0, await latter.Live.Position(cancel));
        Assert.NotEqual(former.Live.Number, latter.Live.Number);
    }
}
