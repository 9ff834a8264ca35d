using FluentValidation;
using MediatR;

namespace EventFiles.Infrastructure.Tests;

/// <summary>A slice for tests: things on shelves, some of them due.</summary>
internal static class Shelf
{
    public sealed record Placed(string Thing, string On, string Name, DateTimeOffset? Due = null);

    public sealed record Taken(string Thing);

    /// <summary>No fold can take it.</summary>
    public sealed record Poisoned(string Thing);

    /// <summary>No projection follows it.</summary>
    public sealed record Unseen;

    public sealed record Thing(string Id, string On, string Name, DateTimeOffset? Due);

    /// <summary>Another projection of the same facts.</summary>
    public sealed record Trace(string Id, string Last);

    public sealed record Dust(string Thing) : IWork;

    public sealed record Polish(string Thing) : IWork;

    /// <summary>Work that does not come back from JSON as it went.</summary>
    public sealed record Lossy : IWork
    {
        public string Kept => secret;

        private readonly string secret = "default";

        public Lossy() { }

        public Lossy(string secret) => this.secret = secret;
    }

    public sealed record Undeclared : IWork;

    /// <summary>All facts of a thing are a stream.</summary>
    public static StreamId StreamOf(object fact) => new(
        fact switch
        {
            Placed placed => $"item-{placed.Thing}",
            Taken taken => $"item-{taken.Thing}",
            Poisoned poisoned => $"item-{poisoned.Thing}",
            _ => "item",
        },
        default);

    public const string ByDue = "due";

    public static string ByName(string shelf) => $"by-name:{shelf}";

    public static Projection<Thing> Things() => new Projection<Thing>("things")
        .On<Placed>(fact => fact.Thing, (_, fact, _) => new(fact.Thing, fact.On, fact.Name, fact.Due))
        .On<Taken>(fact => fact.Thing, (_, _, _) => null)
        .On<Poisoned>(fact => fact.Thing, (_, _, _) => throw new FormatException("No fold can take this."))
        .Indexed(Places);

    private static IEnumerable<IndexEntry> Places(Thing thing)
    {
        yield return new(ByName(thing.On), thing.Name);
        if (thing.Due is { } due)
            yield return new(ByDue, IndexEntry.Time(due));
    }

    public static Projection<Trace> Traces() => new Projection<Trace>("traces")
        .On<Placed>(fact => fact.Thing, (_, fact, _) => new(fact.Thing, "placed"))
        .On<Taken>(fact => fact.Thing, (_, fact, _) => new(fact.Thing, "taken"))
        .On<Poisoned>(fact => fact.Thing, (_, fact, _) => new(fact.Thing, "poisoned"));

    public static Slice Define() => new Slice("shelf")
        .Shows(Things())
        .Shows(Traces())
        .Hears<Placed>((fact, _) => new Dust(fact.Thing))
        .Hears<Poisoned>((_, _) => throw new FormatException("Nothing follows from this."))
        .Does<Dust, Duster>("dust")
        .Does<Polish, Duster>("polish")
        .Does<Lossy, Duster>("lossy")
        .Due<Thing>(ByDue, thing => new Polish(thing.Id));

    public static Slices Slices() => new([Define()]);
}

/// <summary>What the workers of the shelf do, as each test wants it.</summary>
internal sealed class Duty
{
    private readonly Lock gate = new();
    private readonly List<(IWork Work, Origin Origin)> done = [];

    /// <summary>Runs before the work counts as done.</summary>
    public Func<IWork, CancellationToken, Task<Answer<Done>>> Do { get; set; } =
        (_, _) => Task.FromResult<Answer<Done>>(default(Done));

    public IReadOnlyList<(IWork Work, Origin Origin)> Done
    {
        get
        {
            lock (gate)
                return [.. done];
        }
    }

    public async Task<Answer<Done>> Take(IWork work, CancellationToken cancel)
    {
        var answer = await Do(work, cancel);
        lock (gate)
            done.Add((work, Origin.Current));
        return answer;
    }
}

internal sealed class Duster(Duty duty) :
    IRequestHandler<Shelf.Dust, Answer<Done>>,
    IRequestHandler<Shelf.Polish, Answer<Done>>,
    IRequestHandler<Shelf.Lossy, Answer<Done>>
{
    public Task<Answer<Done>> Handle(Shelf.Dust request, CancellationToken cancellationToken) => duty.Take(request, cancellationToken);

    public Task<Answer<Done>> Handle(Shelf.Polish request, CancellationToken cancellationToken) => duty.Take(request, cancellationToken);

    public Task<Answer<Done>> Handle(Shelf.Lossy request, CancellationToken cancellationToken) => duty.Take(request, cancellationToken);
}
