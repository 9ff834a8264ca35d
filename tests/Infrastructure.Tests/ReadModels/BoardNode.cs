using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.ShardNode;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>A node with boards on a real database, as the Host wires it. The log and the wishes outlive it.</summary>
internal sealed class BoardNode : IAsyncDisposable
{
    private readonly string database;
    private readonly ServiceProvider services;
    private readonly List<IHostedService> running = [];

    public BoardNode(string database, Action<IServiceCollection> views, Board? board = null)
    {
        this.database = database;
        Board = board ?? new Board();
        var slice = Board.Define();
        var all = new ServiceCollection()
            .AddLogging(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(Log))
            .AddSingleton(new Slices([slice]))
            .AddEventStore(database);
        slice.Register(all);
        views(all);
        services = all.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public Board Board { get; }

    public Logged Log { get; } = new();

    public IProjections Register => Get<IProjections>();

    public IReadPosition Position => Get<IReadPosition>();

    public IViewStore Store => Get<IViewStore>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public async Task<BoardNode> Start()
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            running.Add(service);
            await service.StartAsync(Cancel);
        }

        await Wait.Until(() => Position.IsCaughtUp, "the views");
        return this;
    }

    /// <summary>Appends facts of one board, each to the stream that tells of it.</summary>
    public async Task<long> Happen(params object[] facts)
    {
        var answer = await Get<IStreams>().Transact<string>(
            async transaction =>
            {
                foreach (var fact in facts)
                    Assert.Null(await transaction.Decide(StreamOf(fact), Board.Decider, fact));
                return "";
            },
            Cancel);
        return Assert.IsType<Answer<string>.Yes>(answer).Position;
    }

    /// <summary>The same, and readers see it.</summary>
    public async Task<long> Show(params object[] facts)
    {
        var position = await Happen(facts);
        Assert.True(await Position.Reached(position, TimeSpan.FromMinutes(3), Cancel));
        return position;
    }

    /// <summary>Puts a body into the log that no program wrote, as the first event of a stream.</summary>
    public Task Damage(string stream, string storedName, string body) => PostgresFixture.AsOwner(
        database,
        $"""
         with stream as (insert into public.mt_streams (id, version, tenant_id) values ('{stream}', 1, '{Board.Owner}') returning id)
         insert into public.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
         select nextval('public.mt_events_sequence'), gen_random_uuid(), id, 1, '{body}', '{storedName}', now(), '{Board.Owner}' from stream
         """);

    /// <summary>Puts another body in its place.</summary>
    public Task Mend(string stream, string body) => PostgresFixture.AsOwner(
        database, $"update public.mt_events set data = '{body}' where stream_id = '{stream}' and version = 1");

    public Task<Board.View?> Find(string board) => Get<IReadModel<Board.View>>().Find(board, Cancel);

    public async Task<ProjectionStatus> Status(string name = "boards") =>
        (await Register.List(Cancel)).Single(one => one.Name == name);

    public Task Ask(ProjectionWish wish, params string[] names) =>
        Register.Ask(names.Length == 0 ? ["boards"] : names, wish, Cancel);

    /// <summary>Waits until an operator sees that it is so.</summary>
    public async Task<ProjectionStatus> Until(Func<ProjectionStatus, bool> isSo, string what, string name = "boards")
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = await Status(name);
            if (isSo(status))
                return status;
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(3))
                Assert.Fail($"Waited in vain: {what}. {status}\n{string.Join('\n', Log.Lines.Where(line => line.Level > LogLevel.Information))}");
            await Task.Delay(10, Cancel);
        }
    }

    /// <summary>A view as nothing in the log made it.</summary>
    public async Task Spoil(string id, Func<Board.View, Board.View> change)
    {
        var projection = Board.Boards();
        var live = (await Store.Open(projection, Cancel)).Live;
        var right = (Board.View)(await live.Load([id], Cancel))[0]!;
        var wrong = change(right);
        var (at, last) = (await live.Position(Cancel), (await live.Read([id], Cancel))[0]!.Position);
        var spoilt = new ViewChange(id, wrong, last, [.. projection.Entries(id, right)], [.. projection.Entries(id, wrong)]);
        Assert.True(await live.Apply(new ViewBatch(at, at, [spoilt]), Cancel));
        live.Publish();
    }

    /// <summary>The digest of what readers see now.</summary>
    public async Task<string> Digest(IProjection projection) =>
        (await Leaves.Scan((await Store.Open(projection, Cancel)).Live, Cancel)).ToDigest();

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(running))
            await service.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }

    private static StreamId StreamOf(object fact) => new(
        fact switch
        {
            Board.Pinned pinned => $"board-{pinned.Of}",
            Board.Cleared cleared => $"board-{cleared.Of}",
            Board.Named named => $"name-{named.Of}",
            _ => throw new System.Diagnostics.UnreachableException(),
        },
        Board.Owner);
}
