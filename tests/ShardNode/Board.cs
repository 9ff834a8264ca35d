using System.Collections.Immutable;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.ShardNode;

/// <summary>A slice for tests: cards on boards. Two streams tell of a board, and its fold fails when a test wants it to.</summary>
public sealed class Board
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

    /// <summary>The fold of <c>boards</c> rests a millisecond after so many events; 0 for never.</summary>
    public int RestsAfter { get; init; }

    public Projection<View> Boards() => new Projection<View>("boards", Version)
        .On<Pinned>(pinned => pinned.Of, Pin)
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

    private View Pin(View? board, Pinned pinned, RecordedEvent happened)
    {
        if (RestsAfter > 0 && happened.Position % RestsAfter == 0)
            Thread.Sleep(1);
        return Poison.Contains(pinned.Card)
            ? throw new FormatException($"Cannot take {pinned.Card}.")
            : (board ?? New(pinned.Of)) with { Cards = [.. board?.Cards ?? [], pinned.Card] };
    }

    private View New(string id) => new(id, "", [], Version);
}

/// <summary>How much work was done.</summary>
public sealed class Followed
{
    private int count;

    public int Count => Volatile.Read(ref count);

    public void Add() => Interlocked.Increment(ref count);
}

public sealed class Follower(Followed followed) : IRequestHandler<Board.Follow, Answer<Done>>
{
    public Task<Answer<Done>> Handle(Board.Follow request, CancellationToken cancellationToken)
    {
        followed.Add();
        return Task.FromResult<Answer<Done>>(default(Done));
    }
}
