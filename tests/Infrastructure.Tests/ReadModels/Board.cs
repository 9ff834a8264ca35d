using System.Collections.Immutable;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>A slice for tests: cards on boards. Two streams tell of a board, and its fold fails when a test wants it to.</summary>
internal sealed class Board
{
    public sealed record Pinned(string Of, string Card);

    public sealed record Cleared(string Of);

    /// <summary>Told in a stream of its own.</summary>
    public sealed record Named(string Of, string Name);

    public sealed record View(string Id, string Name, ImmutableArray<string> Cards, int Version);

    /// <summary>How many of a stream's events were ever applied: it shows what is applied twice.</summary>
    public sealed record Tally(string Stream, int Events);

    public sealed record Follow(string Card) : IWork
    {
        public AccountId Owner => default;
    }

    public static readonly AccountId Owner = new(Guid.Parse("00000000-0000-7000-8000-00000000000b"));

    public static readonly Decider<object, View, object> Decider =
        new(new View("", "", [], 0), (state, _) => state, (_, command, _) => new Decision<object>.Accepted([command]));

    /// <summary>The fold of <c>boards</c> fails on these cards.</summary>
    public HashSet<string> Poison { get; } = new(StringComparer.Ordinal);

    public int Version { get; init; } = 1;

    public Projection<View> Boards() => new Projection<View>("boards", Version)
        .On<Pinned>(pinned => pinned.Of, (board, pinned, _) => Poison.Contains(pinned.Card)
            ? throw new FormatException($"Cannot take {pinned.Card}.")
            : (board ?? New(pinned.Of)) with { Cards = [.. board?.Cards ?? [], pinned.Card] })
        .On<Cleared>(cleared => cleared.Of, (_, _, _) => null)
        .On<Named>(named => named.Of, (board, named, _) => (board ?? New(named.Of)) with
        {
            // What came before counts: in another order it would be another name.
            Name = $"{named.Name} of {board?.Cards.Length ?? 0}",
        })
        .Indexed(board => [new IndexEntry("boards", board.Name), new IndexEntry("by-size", IndexEntry.Number(board.Cards.Length))]);

    public static Projection<Tally> Tallies() => new Projection<Tally>("tallies")
        .On<Pinned>((_, happened) => happened.Stream.Name, Count)
        .On<Cleared>((_, happened) => happened.Stream.Name, Count)
        .On<Named>((_, happened) => happened.Stream.Name, Count);

    public Slice Define() => new Slice("boards")
        .Stores<Pinned>("boards.pinned.v1")
        .Stores<Cleared>("boards.cleared.v1")
        .Stores<Named>("boards.named.v1")
        .Shows(Boards())
        .Shows(Tallies())
        .Hears<Pinned>((pinned, _) => new Follow(pinned.Card))
        .Does<Follow, Follower>("boards")
        .Needs(all => all.AddSingleton<Followed>());

    private static Tally Count<T>(Tally? tally, T fact, RecordedEvent happened) =>
        new(happened.Stream.Name, (tally?.Events ?? 0) + 1);

    private View New(string id) => new(id, "", [], Version);
}

/// <summary>How much work was done.</summary>
internal sealed class Followed
{
    private int count;

    public int Count => Volatile.Read(ref count);

    public void Add() => Interlocked.Increment(ref count);
}

internal sealed class Follower(Followed followed) : IRequestHandler<Board.Follow, Answer<Done>>
{
    public Task<Answer<Done>> Handle(Board.Follow request, CancellationToken cancellationToken)
    {
        followed.Add();
        return Task.FromResult<Answer<Done>>(default(Done));
    }
}

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
        Assert.True(await Position.Reached(position, TimeSpan.FromSeconds(60), Cancel));
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
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
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
