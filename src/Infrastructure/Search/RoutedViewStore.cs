using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Search;

/// <summary>Some projections' views in one store, all others' in another.</summary>
/// <param name="named">The projections whose views are in <paramref name="apart"/>.</param>
internal sealed class RoutedViewStore(IViewStore usual, IViewStore apart, IReadOnlySet<string> named) : IViewStore
{
    // Who writes, and who waits for whom, goes by the usual one: where nodes share it, leases say who writes the others, too.
    public bool IsShared => usual.IsShared;

    public Task<Generations> Open(IProjection projection, CancellationToken cancel) => Of(projection).Open(projection, cancel);

    public Task<bool> Complete(IProjection projection, IGeneration live, CancellationToken cancel) =>
        Of(projection).Complete(projection, live, cancel);

    public Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel) => Of(projection).BeginShadow(projection, cancel);

    public Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel) =>
        Of(projection).Switch(projection, shadow, cancel);

    public Task DropShadow(IProjection projection, CancellationToken cancel) => Of(projection).DropShadow(projection, cancel);

    public async Task<IReadOnlyList<Standing>> Look(IReadOnlyList<IProjection> projections, CancellationToken cancel)
    {
        var others = projections.Where(one => Of(one) == apart).ToList();
        var both = await Task.WhenAll(
            usual.Look([.. projections.Where(one => Of(one) == usual)], cancel),
            others.Count == 0 ? Task.FromResult<IReadOnlyList<Standing>>([]) : apart.Look(others, cancel));
        var (one, other) = (0, 0);
        return [.. projections.Select(projection => Of(projection) == usual ? both[0][one++] : both[1][other++])];
    }

    public ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel)
        where TView : class => Of(projection).Find<TView>(projection, key, cancel);

    public ValueTask<IReadOnlyList<TView?>> Find<TView>(IProjection projection, IReadOnlyList<string> keys, CancellationToken cancel)
        where TView : class => Of(projection).Find<TView>(projection, keys, cancel);

    public ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class => Of(projection).List<TView>(projection, index, after, limit, descending, cancel);

    private IViewStore Of(IProjection projection) => named.Contains(projection.Name) ? apart : usual;
}
