namespace EventFiles.Infrastructure.ReadModels;

/// <summary>One kind of view, for its readers.</summary>
internal sealed class StoredReadModel<TView>(IViewStore store, Slices slices) : IReadModel<TView> where TView : class
{
    private readonly IProjection projection =
        slices.All.SelectMany(slice => slice.Projections).SingleOrDefault(shown => shown.View == typeof(TView))
        ?? throw new InvalidOperationException($"No slice shows {typeof(TView)}.");

    public async Task<TView?> Find(string key, CancellationToken cancel) => await store.Find<TView>(projection, key, cancel);

    public async Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var after = cursor is null ? default(Place?) : Place.FromCursor(cursor);
        var (views, next) = await store.List<TView>(projection, index, after, limit, descending, cancel);
        return new Page<TView>(views, next?.ToCursor());
    }
}
