using System.Text.Json.Nodes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// A slice's table of contents: all that the Host needs to know of it. Nothing is found by scanning.
/// </summary>
public sealed class Slice(string name)
{
    private readonly List<Action<IEndpointRouteBuilder>> routes = [];
    private readonly List<Action<IServiceCollection>> services = [];
    private readonly Dictionary<string, Type> stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FormerShape> former = new(StringComparer.Ordinal);
    private readonly List<IProjection> projections = [];
    private readonly List<Hearing> hearings = [];
    private readonly Dictionary<Type, string> works = [];
    private readonly Dictionary<Type, Func<object, Claim?>> claims = [];
    private readonly List<Deadline> deadlines = [];
    private readonly List<Func<FileId, string>> fileStreams = [];
    private readonly List<Func<FolderId, string>> folderStreams = [];
    private readonly List<Func<Func<RecordedEvent, bool>>> withheld = [];
    private readonly List<Routine> routines = [];
    private readonly List<Ending> endings = [];
    private readonly List<NewsTable> news = [];
    private string? lastShape;

    public string Name { get; } = name;

    /// <summary>Stored name to event type.</summary>
    public IReadOnlyDictionary<string, Type> Stored => stored;

    /// <summary>Former stored names, which the log may still hold, and how each is read today.</summary>
    public IReadOnlyDictionary<string, FormerShape> Former => former;

    public IReadOnlyList<IProjection> Projections => projections;

    /// <summary>Facts and the work that follows from each.</summary>
    public IReadOnlyList<Hearing> Hearings => hearings;

    /// <summary>Work types and the queue each travels on.</summary>
    public IReadOnlyDictionary<Type, string> Works => works;

    /// <summary>Facts and what each claims.</summary>
    public IReadOnlyDictionary<Type, Func<object, Claim?>> Claims => claims;

    public IReadOnlyList<Deadline> Deadlines => deadlines;

    /// <summary>What is asked again and again while the program runs.</summary>
    public IReadOnlyList<Routine> Routines => routines;

    /// <summary>Facts with which streams are over, to be archived later.</summary>
    public IReadOnlyList<Ending> Endings => endings;

    /// <summary>Which facts are news to whoever watches.</summary>
    public IReadOnlyList<NewsTable> News => news;

    /// <summary>The streams in which this slice tells of a file: together they are the file's history.</summary>
    public IReadOnlyList<Func<FileId, string>> FileStreams => fileStreams;

    /// <summary>The same of a folder.</summary>
    public IReadOnlyList<Func<FolderId, string>> FolderStreams => folderStreams;

    /// <summary>What a file's history leaves out: a new question for each reading, asked of every event in their order.</summary>
    public IReadOnlyList<Func<Func<RecordedEvent, bool>>> Withheld => withheld;

    /// <summary>Adds the slice's routes.</summary>
    public Slice Serves(Action<IEndpointRouteBuilder> map)
    {
        routes.Add(map);
        return this;
    }

    /// <summary>This request, or this work, is handled there.</summary>
    public Slice Answers<TRequest, TReply, THandler>()
        where TRequest : IRequest<Answer<TReply>>
        where THandler : class, IRequestHandler<TRequest, Answer<TReply>>
    {
        services.Add(all => all.AddTransient<IRequestHandler<TRequest, Answer<TReply>>, THandler>());
        return this;
    }

    /// <summary>The same, and the request's shape is checked first.</summary>
    public Slice Answers<TRequest, TReply, THandler, TValidator>()
        where TRequest : IRequest<Answer<TReply>>
        where THandler : class, IRequestHandler<TRequest, Answer<TReply>>
        where TValidator : class, IValidator<TRequest>
    {
        services.Add(all => all.AddSingleton<IValidator<TRequest>, TValidator>());
        return Answers<TRequest, TReply, THandler>();
    }

    /// <summary>The name is what PostgreSQL keeps: a type may be renamed, its stored name never.</summary>
    public Slice Stores<TEvent>(string name) where TEvent : class
    {
        stored.Add(name, typeof(TEvent));
        lastShape = name;
        return this;
    }

    /// <summary>
    /// Events that were written in a former shape are read in the one named just above: the newest stands first and each
    /// older one below it, so that <paramref name="change"/> knows two neighbouring shapes and no others. The log keeps
    /// what was written.
    /// </summary>
    /// <param name="name">The former stored name.</param>
    /// <param name="change">
    /// Pure, from the former JSON to the next. Personal values are in their places, or <see cref="PersonalAttribute.Erased"/>.
    /// </param>
    /// <param name="personal">
    /// JSON pointers to what was personal in the former shape, <c>*</c> for every element of a list:
    /// <c>/addressees/*/email</c>.
    /// </param>
    public Slice Upcasts(string name, Func<JsonObject, JsonObject> change, params IReadOnlyList<string> personal)
    {
        var next = lastShape ?? throw new InvalidOperationException($"{name} is a former shape of nothing: name the newest first.");
        former.Add(name, new FormerShape(next, change, personal));
        lastShape = name;
        return this;
    }

    /// <summary>A view that readers see.</summary>
    public Slice Shows(IProjection projection)
    {
        projections.Add(projection);
        return this;
    }

    /// <summary>On this fact, that work follows (or none). Happens after the fact, at least once, never on replay.</summary>
    public Slice Hears<TFact>(Func<TFact, RecordedEvent, IWork?> follow) where TFact : class
    {
        hearings.Add(new Hearing(typeof(TFact), happened => follow((TFact)happened.Fact, happened)));
        return this;
    }

    /// <summary>Work of this type travels on that queue and is done there.</summary>
    public Slice Does<TWork, THandler>(string queue)
        where TWork : IWork
        where THandler : class, IRequestHandler<TWork, Answer<Done>>
    {
        works.Add(typeof(TWork), queue);
        return Answers<TWork, Done, THandler>();
    }

    /// <summary>This fact takes, changes or gives up a unique thing in its own transaction; null changes nothing.</summary>
    public Slice Claiming<TFact>(Func<TFact, Claim?> claim) where TFact : class
    {
        claims.Add(typeof(TFact), fact => claim((TFact)fact));
        return this;
    }

    /// <summary>
    /// Views that stand in <paramref name="index"/>, sorted by <see cref="IndexEntry.Time"/>, are due at that time; then
    /// this work follows. It repeats until the view leaves the index.
    /// </summary>
    public Slice Due<TView>(string index, Func<TView, IWork> work) where TView : class
    {
        deadlines.Add(new Deadline(typeof(TView), index, view => work((TView)view)));
        return this;
    }

    /// <summary>
    /// That is asked when readers have caught up after the start, and again so long after each time. For what must be
    /// looked for because no fact tells of it.
    /// </summary>
    /// <param name="ask">Gets the time at which this process began, which is before anybody could ask it anything.</param>
    public Slice Repeats(Func<IServiceProvider, TimeSpan> every, Func<DateTimeOffset, IRequest<Answer<Done>>> ask)
    {
        routines.Add(new Routine(every, ask));
        return this;
    }

    /// <summary>
    /// With this fact the life of a stream of this slice ends. It is archived some time later, provided that it is over as
    /// its decider sees it: then nothing can be added to it, and what it tells is read as before.
    /// </summary>
    /// <param name="stream">The stream's name, or null when none ends.</param>
    public Slice Archives<TFact>(Func<TFact, RecordedEvent, string?> stream, Lifetime life) where TFact : class
    {
        endings.Add(new Ending(typeof(TFact), happened => stream((TFact)happened.Fact, happened), life));
        return this;
    }

    /// <summary>What this slice does for others.</summary>
    public Slice Offers<TPort, TService>() where TPort : class where TService : class, TPort
    {
        services.Add(all => all.AddSingleton<TPort, TService>());
        return this;
    }

    /// <summary>A setting or service of the slice's own.</summary>
    public Slice Needs(Action<IServiceCollection> add)
    {
        services.Add(add);
        return this;
    }

    /// <summary>A stream of this slice that belongs to a file's history; sub-streams add a dash and an id.</summary>
    public Slice TellsOf(Func<FileId, string> stream)
    {
        fileStreams.Add(stream);
        return this;
    }

    /// <summary>What readers of a file's history are not told of.</summary>
    /// <param name="begin">A new question for one reading, asked of every event in their order.</param>
    public Slice KeepsFromHistory(Func<Func<RecordedEvent, bool>> begin)
    {
        withheld.Add(begin);
        return this;
    }

    /// <summary>These facts are news to whoever watches.</summary>
    public Slice Announces(NewsTable table)
    {
        news.Add(table);
        return this;
    }

    /// <summary>A stream of this slice that belongs to a folder's history; sub-streams add a dash and an id.</summary>
    public Slice TellsOfFolder(Func<FolderId, string> stream)
    {
        folderStreams.Add(stream);
        return this;
    }

    public void Map(IEndpointRouteBuilder app) => routes.ForEach(map => map(app));

    public void Register(IServiceCollection all) => services.ForEach(add => add(all));
}

/// <summary>A shape in which events were once written.</summary>
/// <param name="Next">The stored name of the shape that followed.</param>
/// <param name="Change">From this shape's JSON to that one's.</param>
/// <param name="Personal">JSON pointers to what was personal in this shape.</param>
public sealed record FormerShape(string Next, Func<JsonObject, JsonObject> Change, IReadOnlyList<string> Personal);

/// <summary>A fact that is heard, and what follows.</summary>
public sealed record Hearing(Type Fact, Func<RecordedEvent, IWork?> Follow);

/// <summary>An index of due times, and what follows when one has come.</summary>
public sealed record Deadline(Type View, string Index, Func<object, IWork> Work);

/// <summary>What is asked again and again, and how long after each time.</summary>
/// <param name="Ask">Gets the time at which this process began.</param>
public sealed record Routine(Func<IServiceProvider, TimeSpan> Every, Func<DateTimeOffset, IRequest<Answer<Done>>> Ask);

/// <summary>A fact with which a stream's life ends.</summary>
/// <param name="Stream">Its name, or null.</param>
/// <param name="Life">Whether it is over indeed.</param>
public sealed record Ending(Type Fact, Func<RecordedEvent, string?> Stream, Lifetime Life);

/// <summary>All slices, for whoever looks across them.</summary>
public sealed record Slices(IReadOnlyList<Slice> All);
