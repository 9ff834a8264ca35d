using System.Runtime.CompilerServices;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Reads one kind of view. Views are made by a <see cref="Projection{TView}"/> and can be rebuilt at any time. While they
/// cannot be had, or only a part of them, reading throws <see cref="TransientException"/>: there is no answer, which is
/// not the same as none.
/// </summary>
public interface IReadModel<TView> where TView : class
{
    /// <summary>The view, or null.</summary>
    Task<TView?> Find(string key, CancellationToken cancel);

    /// <summary>The views with these keys at one moment, in the keys' order; null where there is none.</summary>
    /// <param name="keys">At most 1000.</param>
    Task<IReadOnlyList<TView?>> Find(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>A page of the views that stand in an index, in its order.</summary>
    /// <param name="index">The whole index name: <c>children-by-name:0197…</c>.</param>
    /// <param name="cursor">A former page's <see cref="Page{T}.NextCursor"/>, or null for the beginning.</param>
    /// <param name="limit">At most this many, 1 to 1000.</param>
    /// <param name="descending">From the end to the beginning.</param>
    /// <exception cref="BadCursorException">The cursor is not one of ours.</exception>
    Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel);
}

/// <summary>Whole lists, page by page.</summary>
public static class WholeLists
{
    private const int PageSize = 1000;

    /// <summary>All views that stand in an index, in its order.</summary>
    public static async IAsyncEnumerable<TView> All<TView>(
        this IReadModel<TView> views, string index, [EnumeratorCancellation] CancellationToken cancel) where TView : class
    {
        ArgumentNullException.ThrowIfNull(views);
        for (string? cursor = null; ;)
        {
            var page = await views.List(index, cursor, PageSize, descending: false, cancel);
            foreach (var view in page.Items)
                yield return view;
            if ((cursor = page.NextCursor) is null)
                break;
        }
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    public Page<TOther> Map<TOther>(Func<T, TOther> change) => new([.. Items.Select(change)], NextCursor);
}

/// <summary>A cursor that was not handed out by us; a client gets 400.</summary>
public sealed class BadCursorException() : Exception("The cursor is not one that was handed out.");

/// <summary>A view's place in one index.</summary>
/// <param name="Index">The whole index name.</param>
/// <param name="Sort">Compared ordinally; ties are broken by the view's key.</param>
public readonly record struct IndexEntry(string Index, string Sort)
{
    /// <summary>A sort text for a number ≥ 0.</summary>
    public static string Number(long value) => value.ToString("D19", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A sort text for a time.</summary>
    public static string Time(DateTimeOffset at) => Number(at.UtcTicks);
}

/// <summary>What the infrastructure needs to run a projection of any view.</summary>
public interface IProjection
{
    /// <summary>Stable: checkpoints and stored views bear it.</summary>
    string Name { get; }

    /// <summary>Raised when the fold or the view's shape changes: the views are then built anew.</summary>
    int Version { get; }

    Type View { get; }

    /// <summary>
    /// The streams that tell of a view are named with one of these words, a dash and an id. Empty when its past cannot be
    /// had.
    /// </summary>
    IReadOnlyList<string> RecalledFrom { get; }

    /// <summary>Whether its views stand in any index.</summary>
    bool IsIndexed { get; }

    IReadOnlyCollection<Type> Facts { get; }

    /// <summary>The key of the one view that the event concerns, or null.</summary>
    string? KeyOf(RecordedEvent happened);

    /// <summary>The view after the event; null when there is none (any more).</summary>
    object? Fold(object? view, RecordedEvent happened);

    /// <summary>The indexes in which the view stands.</summary>
    IEnumerable<IndexEntry> Entries(string key, object view);
}

/// <summary>
/// Declares how a kind of view follows from events. Pure: same events, same views. Sets and removes, never increments:
/// the infrastructure drops an event that a view has seen.
/// </summary>
public sealed class Projection<TView>(string name, int version = 1) : IProjection where TView : class
{
    private readonly Dictionary<Type, (Func<object, RecordedEvent, string?> Key, Func<TView?, object, RecordedEvent, TView?> Fold)> folds = [];
    private Func<string, TView, IEnumerable<IndexEntry>>? entries;

    public string Name { get; } = name;

    public int Version { get; } = version;

    public Type View => typeof(TView);

    public IReadOnlyList<string> RecalledFrom { get; private set; } = [];

    public bool IsIndexed => entries is not null;

    public IReadOnlyCollection<Type> Facts => folds.Keys;

    /// <summary>On this fact, the view with this key becomes that.</summary>
    public Projection<TView> On<TFact>(Func<TFact, string?> key, Func<TView?, TFact, RecordedEvent, TView?> fold)
        where TFact : class =>
        On((fact, _) => key(fact), fold);

    /// <summary>The same, where the key follows from the stream and not from the fact.</summary>
    public Projection<TView> On<TFact>(Func<TFact, RecordedEvent, string?> key, Func<TView?, TFact, RecordedEvent, TView?> fold)
        where TFact : class
    {
        folds.Add(typeof(TFact), (
            (fact, happened) => key((TFact)fact, happened),
            (view, fact, happened) => fold(view, (TFact)fact, happened)));
        return this;
    }

    /// <summary>In which indexes a view stands, as a function of the view alone.</summary>
    public Projection<TView> Indexed(Func<TView, IEnumerable<IndexEntry>> of)
    {
        entries = (_, view) => of(view);
        return this;
    }

    /// <summary>
    /// Its past can be had: <see cref="IPast"/> folds the streams that tell of one view, and no others. The streams bear
    /// one of these words, a dash and the id that groups them, which for most is the view's own key.
    /// </summary>
    public Projection<TView> Recalled(params IReadOnlyList<string> from)
    {
        RecalledFrom = from;
        return this;
    }

    public string? KeyOf(RecordedEvent happened) =>
        folds.TryGetValue(happened.Fact.GetType(), out var on) ? on.Key(happened.Fact, happened) : null;

    public object? Fold(object? view, RecordedEvent happened) =>
        folds[happened.Fact.GetType()].Fold((TView?)view, happened.Fact, happened);

    public IEnumerable<IndexEntry> Entries(string key, object view) =>
        entries?.Invoke(key, (TView)view) ?? [];
}
