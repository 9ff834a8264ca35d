using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>The views of all slices, in memory. Nothing is kept on disk: they are rebuilt from the log at each start.</summary>
internal sealed class MemoryReadModels
{
    private readonly ParkedEvents parked;
    private readonly ProjectedViews[] all;
    private readonly Dictionary<Type, ProjectedViews> byView;
    private readonly Dictionary<Type, ProjectedViews[]> byFact;

    public MemoryReadModels(Slices slices, ParkedEvents parked)
    {
        this.parked = parked;
        all = [.. slices.All.SelectMany(slice => slice.Projections).Select(projection => new ProjectedViews(projection))];
        byView = all.ToDictionary(views => views.Projection.View);
        byFact = all.SelectMany(views => views.Projection.Facts, (views, fact) => (views, fact))
            .GroupBy(pair => pair.fact, pair => pair.views)
            .ToDictionary(group => group.Key, group => group.ToArray());
        Facts = byFact.Keys.ToHashSet();
    }

    /// <summary>What some projection follows.</summary>
    public IReadOnlySet<Type> Facts { get; }

    public ProjectedViews Of(Type view) => byView.GetValueOrDefault(view)
        ?? throw new InvalidOperationException($"No slice shows {view}.");

    /// <summary>
    /// Takes the events in. An event that a projection cannot take is parked for that projection; the others, and that
    /// projection's other events, go on. One caller at a time.
    /// </summary>
    public void Apply(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var happened in events)
        {
            foreach (var views in byFact.GetValueOrDefault(happened.Fact.GetType(), []))
            {
                try
                {
                    views.Apply(happened);
                }
                catch (Exception why)
                {
                    parked.Park(views.Projection.Name, happened, why);
                }
            }
        }
    }

    /// <summary>Shows readers all that was taken in.</summary>
    public void Publish()
    {
        foreach (var views in all)
            views.Publish();
    }
}

/// <summary>One kind of view, for its readers.</summary>
internal sealed class MemoryReadModel<TView>(MemoryReadModels models) : IReadModel<TView> where TView : class
{
    private readonly ProjectedViews views = models.Of(typeof(TView));

    public Task<TView?> Find(string key, CancellationToken cancel) =>
        Task.FromResult((TView?)views.Find(key));

    public Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        return Task.FromResult(views.List<TView>(index, cursor, limit, descending));
    }
}
