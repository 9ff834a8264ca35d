using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Groups;
using EventFiles.Features.Process;
using EventFiles.Features.Quota;
using EventFiles.Features.Scan;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Past;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventFiles.Infrastructure.Tests.Past;

/// <summary>A node's event store with its past, on a database: the product's slices, and whatever a test adds.</summary>
internal sealed class PastStore : IAsyncDisposable
{
    private static readonly Decider<object, object, object> Echo = new(new object(), (state, _) => state, (_, fact, _) => new[] { fact });

    private readonly ServiceProvider services;

    public PastStore(string connectionString, int snapshotEvery = 2, int pageSize = 7, params Slice[] more)
    {
        Slices = new Slices(
        [
            FoldersSlice.Define(), UploadSlice.Define(), FilesSlice.Define(), ProcessSlice.Define(), ShareSlice.Define(),
            DeleteSlice.Define(), QuotaSlice.Define(), ScanSlice.Define(), Spaces(), .. more,
        ]);
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(Slices)
            .AddSingleton(new PastSettings(snapshotEvery, pageSize, TimeSpan.FromMilliseconds(20)))
            .AddEventStore(connectionString)
            .AddPast()
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    public Slices Slices { get; }

    // Of groups these facts are heard.
    private static Slice Spaces() => new Slice("groups")
        .Stores<SpaceEvent.Opened>("groups.space-opened.v1")
        .Stores<SpaceEvent.Renamed>("groups.space-renamed.v1")
        .Stores<SpaceEvent.Closed>("groups.space-closed.v1");

    public IPast Past => services.GetRequiredService<IPast>();

    public IStreams Streams => services.GetRequiredService<IStreams>();

    public Npgsql.NpgsqlDataSource Database => services.GetRequiredService<EventPool>().Source;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<PastStore> Start()
    {
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(Cancel);
        return this;
    }

    public IProjection Projection<TView>() => Slices.All.SelectMany(slice => slice.Projections).Single(one => one.View == typeof(TView));

    /// <summary>Appends facts in one transaction; a name that is taken makes all of them nothing.</summary>
    public Task<Answer<Done>> Append(AccountId owner, params (string Stream, object Fact)[] facts) => Streams.Transact<Done>(
        async transaction =>
        {
            foreach (var (stream, fact) in facts)
                await transaction.Decide(new StreamId(stream, owner), Echo, fact);
            return default(Done);
        }, Cancel);

    /// <summary>The whole log.</summary>
    public async Task<List<RecordedEvent>> Log()
    {
        var feed = services.GetRequiredService<IEventFeed>();
        var (log, last, at) = (new List<RecordedEvent>(), await feed.Last(Cancel), 0L);
        while (at < last)
        {
            var page = await feed.After(at, 1000, null, TimeSpan.FromSeconds(60), Cancel);
            log.AddRange(page.Events);
            at = page.Upto;
        }

        return log;
    }

    /// <summary>The moment at a position, once it is settled.</summary>
    public async Task<Moment> At(long position)
    {
        Moment? at = null;
        await Wait.Until(
            async () => (at = (await Past.Locate($"{position}", Cancel) as Answer<Moment>.Yes)?.Value) is not null,
            $"position {position} is settled");
        return at!;
    }

    /// <summary>A whole list as it was, page by page; a keeper that is behind is waited for.</summary>
    public async Task<List<TView>> List<TView>(string index, long position, bool descending = false, int limit = 1000) where TView : class
    {
        var (all, at, cursor) = (new List<TView>(), await At(position), default(string));
        do
        {
            var page = await Page<TView>(index, at, cursor, limit, descending);
            Assert.True(page.Items.Count <= limit);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return all;
    }

    /// <summary>One page of a list as it was; a keeper that is behind is waited for.</summary>
    public async Task<Page<TView>> Page<TView>(string index, Moment at, string? cursor, int limit, bool descending) where TView : class
    {
        while (true)
        {
            var answer = await Past.List<TView>(index, at, cursor, limit, descending, Cancel);
            if (answer is Answer<Page<TView>>.Yes(var page, _))
                return page;
            Assert.Equal(PastRejection.StillReading, answer.Refusal);
        }
    }

    public async Task<long> Count(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Does what the program may not do.</summary>
    public Task AsOwner(string sql) => PostgresFixture.AsOwner(Database.ConnectionString, sql);

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
