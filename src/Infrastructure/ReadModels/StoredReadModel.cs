using System.Diagnostics;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// One kind of view, for its readers. Views that are being filled again are waited for a little, for what a store lost is
/// soon there again in a small log; then the reader is told to come back.
/// </summary>
internal sealed class StoredReadModel<TView>(IViewStore store, Slices slices) : IReadModel<TView> where TView : class
{
    // Wall time: how long a reader is made to wait is nothing that a test's clock should decide.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly IProjection projection =
        slices.All.SelectMany(slice => slice.Projections).SingleOrDefault(shown => shown.View == typeof(TView))
        ?? throw new InvalidOperationException($"No slice shows {typeof(TView)}.");

    public async Task<TView?> Find(string key, CancellationToken cancel) =>
        await Patiently(() => store.Find<TView>(projection, key, cancel), cancel);

    public async Task<IReadOnlyList<TView?>> Find(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, 1000, nameof(keys));
        return keys.Count == 0 ? [] : await Patiently(() => store.Find<TView>(projection, keys, cancel), cancel);
    }

    public async Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var after = cursor is null ? default(Place?) : Place.FromCursor(cursor);
        var (views, next) = await Patiently(
            () => store.List<TView>(projection, index, after, limit, descending, cancel), cancel);
        return new Page<TView>(views, next?.ToCursor());
    }

    private static async ValueTask<T> Patiently<T>(Func<ValueTask<T>> look, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await look();
            }
            catch (BeingBuiltException notYet)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                    throw new TransientException(notYet.Message, notYet);
            }

            await Task.Delay(BetweenLooks, cancel);
        }
    }
}
