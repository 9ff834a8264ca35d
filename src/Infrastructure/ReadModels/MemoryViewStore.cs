using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Views in memory. Nothing is kept on disk: they are built from the log at each start.</summary>
internal sealed class MemoryViewStore : IViewStore
{
    private readonly ConcurrentDictionary<string, Projected> projections = new(StringComparer.Ordinal);

    public bool IsShared => false;

    public Task<Generations> Open(IProjection projection, CancellationToken cancel)
    {
        var of = Of(projection);
        return Task.FromResult(new Generations(of.Live, of.IsWhole, of.Shadow));
    }

    public Task<bool> Complete(IProjection projection, IGeneration live, CancellationToken cancel)
    {
        var of = Of(projection);
        if (of.Live == live)
            of.IsWhole = true;
        return Task.FromResult(of.Live == live);
    }

    public Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel)
    {
        var of = Of(projection);
        of.Shadow = new MemoryGeneration(projection, ++of.LastNumber);
        return Task.FromResult<IGeneration>(of.Shadow);
    }

    public Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel)
    {
        var of = Of(projection);
        if (of.Shadow != shadow)
            return Task.FromResult(false);
        (of.Live, of.IsWhole, of.Shadow) = (of.Shadow, true, null);
        return Task.FromResult(true);
    }

    public Task DropShadow(IProjection projection, CancellationToken cancel)
    {
        Of(projection).Shadow = null;
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<Standing>> Look(IReadOnlyList<IProjection> projections, CancellationToken cancel)
    {
        var all = new List<Standing>(projections.Count);
        foreach (var of in projections.Select(Of))
            all.Add(new Standing(of.Live.Number, of.Live.Version, await of.Live.Position(cancel), of.IsWhole));
        return all;
    }

    public ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel)
        where TView : class =>
        ValueTask.FromResult((TView?)Of(projection).Live.Find(key));

    // Of one moment as far as it matters: a writer in between shows a view that is newer, and never an older one.
    public ValueTask<IReadOnlyList<TView?>> Find<TView>(IProjection projection, IReadOnlyList<string> keys, CancellationToken cancel)
        where TView : class
    {
        var live = Of(projection).Live;
        return ValueTask.FromResult<IReadOnlyList<TView?>>([.. keys.Select(key => (TView?)live.Find(key))]);
    }

    public ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class =>
        ValueTask.FromResult(Of(projection).Live.List<TView>(index, after, limit, descending));

    private Projected Of(IProjection projection) =>
        projections.GetOrAdd(projection.Name, static (_, shown) => new Projected(new MemoryGeneration(shown, 1)), projection);

    private sealed class Projected(MemoryGeneration live)
    {
        private volatile MemoryGeneration live = live;

        public MemoryGeneration Live
        {
            get => live;
            set => live = value;
        }

        // Readers of this store see what there is all the same: who sends them here waits until all is there.
        public bool IsWhole { get; set; }

        public MemoryGeneration? Shadow { get; set; }

        public int LastNumber { get; set; } = 1;
    }
}
