namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Keeps the views of every projection, in generations. One generation is live: readers see it. Beside it a shadow may be
/// filled from the beginning of the log, until it takes the live one's place in one step.
/// </summary>
internal interface IViewStore
{
    /// <summary>Several nodes see the same views, and they outlive a node: a lease says who may write.</summary>
    bool IsShared { get; }

    /// <summary>
    /// What there is of a projection, for its one writer: where views are shared, nobody who opened it before on another
    /// node can write any more. When there is nothing, or what there is was damaged, an empty generation of the
    /// projection's version becomes live.
    /// </summary>
    Task<Generations> Open(IProjection projection, CancellationToken cancel);

    /// <summary>
    /// The live generation has all that readers may count on: from now on they see it. Where views are shared, until then
    /// they are told to come again. False when it is not live any more.
    /// </summary>
    Task<bool> Complete(IProjection projection, IGeneration live, CancellationToken cancel);

    /// <summary>An empty shadow of the projection's version. One that is there goes.</summary>
    Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel);

    /// <summary>
    /// From one moment on readers see the shadow, and the former live generation goes. False when that is not the shadow
    /// (any more).
    /// </summary>
    Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel);

    /// <summary>The shadow goes, if there is one.</summary>
    Task DropShadow(IProjection projection, CancellationToken cancel);

    /// <summary>How the live generation of each of the projections stands. Whoever looks changes nothing.</summary>
    Task<IReadOnlyList<Standing>> Look(IReadOnlyList<IProjection> projections, CancellationToken cancel);

    /// <summary>A view of the live generation, or null.</summary>
    /// <exception cref="BeingBuiltException">The live generation is not whole.</exception>
    ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel) where TView : class;

    /// <summary>Views of the live generation at one moment, in the keys' order; null where there is none.</summary>
    /// <exception cref="BeingBuiltException">The live generation is not whole.</exception>
    ValueTask<IReadOnlyList<TView?>> Find<TView>(IProjection projection, IReadOnlyList<string> keys, CancellationToken cancel)
        where TView : class;

    /// <summary>Views of the live generation in the order of an index: of one moment, with the views that stood there then.</summary>
    /// <param name="after">The place to go on from, whether or not a view still stands there; null for the beginning.</param>
    /// <exception cref="BeingBuiltException">The live generation is not whole.</exception>
    ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class;
}

/// <summary>What there is of a projection.</summary>
/// <param name="Live">What readers see.</param>
/// <param name="IsWhole">They do: it is not being filled for the first time, or after its store was emptied.</param>
/// <param name="Shadow">What may take its place; null when nothing is being built.</param>
internal sealed record Generations(IGeneration Live, bool IsWhole, IGeneration? Shadow);

/// <summary>How a live generation stands.</summary>
/// <param name="Generation">Its number; 0 when there is none.</param>
/// <param name="IsWhole">Readers may see it: it was completed, and nothing of it is lost.</param>
internal readonly record struct Standing(int Generation, int Version, long Position, bool IsWhole);

/// <summary>The views are being filled: what a reader would get now is a part of them. It passes by itself.</summary>
internal sealed class BeingBuiltException(string projection) : Exception($"The views of {projection} are being built.");

/// <summary>A page of an index.</summary>
/// <param name="Next">Where the next page begins; null on the last one.</param>
internal readonly record struct Listing<TView>(IReadOnlyList<TView> Views, Place? Next);

/// <summary>All views of one projection as one run over the log made them. For one writer at a time.</summary>
internal interface IGeneration
{
    /// <summary>1, 2, 3…; never used twice.</summary>
    int Number { get; }

    /// <summary>The version of the projection that makes these views.</summary>
    int Version { get; }

    /// <summary>How many events one batch may take: what is written at once holds up the store's readers.</summary>
    int LargestBatch { get; }

    /// <summary>Every event up to here is in the views; 0 at the beginning.</summary>
    ValueTask<long> Position(CancellationToken cancel);

    /// <summary>The views with these keys, in the keys' order; null where there is none.</summary>
    ValueTask<object?[]> Load(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>
    /// Writes the changes and moves the position, both or neither. The position guard: false, and nothing is written,
    /// when the generation does not stand at <see cref="ViewBatch.From"/>, because another writer was there or it is gone.
    /// </summary>
    ValueTask<bool> Apply(ViewBatch batch, CancellationToken cancel);

    /// <summary>Shows list readers all that was applied. A store may show it before.</summary>
    void Publish();

    /// <summary>
    /// All views, in any order. What changes meanwhile may show as it was or as it is; what does not, shows exactly once.
    /// </summary>
    IAsyncEnumerable<StoredView> Views(CancellationToken cancel);

    /// <summary>All places in all indexes, in any order, with the same promise.</summary>
    IAsyncEnumerable<StoredPlace> Places(CancellationToken cancel);

    /// <summary>These views as they are stored, in the keys' order; null where there is none.</summary>
    ValueTask<StoredView?[]> Read(IReadOnlyList<string> keys, CancellationToken cancel);
}

/// <summary>What a stretch of the log makes of some views.</summary>
/// <param name="From">Where the generation must stand.</param>
/// <param name="Upto">Where it stands afterwards.</param>
/// <param name="Changes">At most one for a key.</param>
internal sealed record ViewBatch(long From, long Upto, IReadOnlyList<ViewChange> Changes);

/// <summary>One view's change.</summary>
/// <param name="View">What it becomes; null when it goes.</param>
/// <param name="Position">Of the event that changed it last.</param>
/// <param name="Left">The places it had.</param>
/// <param name="Entered">The places it has.</param>
internal sealed record ViewChange(
    string Key, object? View, long Position, IReadOnlyCollection<IndexEntry> Left, IReadOnlyCollection<IndexEntry> Entered);

/// <summary>A view as it is stored.</summary>
/// <param name="Json">See <see cref="CanonicalJson"/>.</param>
/// <param name="Position">Of the event that changed it last.</param>
internal sealed record StoredView(string Key, byte[] Json, long Position);

/// <summary>A view's place as it is stored.</summary>
internal readonly record struct StoredPlace(string Index, Place At);
