using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// A generation in memory. One writer applies and publishes; readers need no lock. A reader that lists sees one published
/// state of the index with the very views that stood in it, however long it looks.
/// </summary>
internal sealed class MemoryGeneration(IProjection projection, int number) : IGeneration
{
    private static readonly ImmutableSortedSet<Standing> Empty = ImmutableSortedSet.Create(Standing.Order);

    private readonly ConcurrentDictionary<string, Kept> documents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<Standing>> indexes = new(StringComparer.Ordinal);

    // The indexes that changed since the last publication. A builder changes its own nodes in place, so that a rebuild
    // that publishes seldom does not copy the tree again and again.
    private readonly Dictionary<string, ImmutableSortedSet<Standing>.Builder> changing = new(StringComparer.Ordinal);

    private long position;

    public int Number => number;

    public int Version => projection.Version;

    public int LargestBatch => int.MaxValue;

    public object? Find(string key) => documents.TryGetValue(key, out var kept) ? kept.View : null;

    /// <summary>A page of an index: a search in a tree, then one step for each view, however many there are.</summary>
    public Listing<TView> List<TView>(string index, Place? after, int limit, bool descending)
        where TView : class
    {
        if (!indexes.TryGetValue(index, out var standing))
            return new Listing<TView>([], null);

        var step = descending ? -1 : 1;
        var at = after is { } place ? Beside(standing, place, descending) : descending ? standing.Count - 1 : 0;
        var count = Math.Min(limit, descending ? at + 1 : standing.Count - at);
        if (count <= 0)
            return new Listing<TView>([], null);

        var views = new TView[count];
        for (var i = 0; i < count; i++, at += step)
            views[i] = (TView)standing.ItemRef(at).View;
        return new Listing<TView>(views, at >= 0 && at < standing.Count ? standing.ItemRef(at - step).At : null);
    }

    public ValueTask<long> Position(CancellationToken cancel) => ValueTask.FromResult(Volatile.Read(ref position));

    public ValueTask<object?[]> Load(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var views = new object?[keys.Count];
        for (var i = 0; i < views.Length; i++)
            views[i] = Find(keys[i]);
        return ValueTask.FromResult(views);
    }

    public ValueTask<bool> Apply(ViewBatch batch, CancellationToken cancel)
    {
        if (position != batch.From)
            return ValueTask.FromResult(false);

        foreach (var change in batch.Changes)
        {
            if (change.View is null)
                documents.TryRemove(change.Key, out _);
            else
                documents[change.Key] = new Kept(change.View, change.Position);
            foreach (var entry in change.Left)
                Changing(entry.Index).Remove(Standing.Probe(new Place(entry.Sort, change.Key)));
            foreach (var entry in change.Entered)
                Changing(entry.Index).Add(new Standing(new Place(entry.Sort, change.Key), change.View!));
        }

        Volatile.Write(ref position, batch.Upto);
        return ValueTask.FromResult(true);
    }

    public void Publish()
    {
        foreach (var (index, standing) in changing)
        {
            if (standing.Count == 0)
                indexes.TryRemove(index, out _);
            else
                indexes[index] = standing.ToImmutable();
        }

        changing.Clear();
    }

    public async IAsyncEnumerable<StoredView> Views([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var (key, kept) in documents)
        {
            cancel.ThrowIfCancellationRequested();
            yield return Stored(key, kept);
        }
    }

    public async IAsyncEnumerable<StoredPlace> Places([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var (index, standing) in indexes)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var one in standing)
                yield return new StoredPlace(index, one.At);
        }
    }

    public ValueTask<StoredView?[]> Read(IReadOnlyList<string> keys, CancellationToken cancel) =>
        ValueTask.FromResult(keys
            .Select(key => documents.TryGetValue(key, out var kept) ? Stored(key, kept) : null)
            .ToArray());

    private static StoredView Stored(string key, Kept kept) => new(key, CanonicalJson.Write(kept.View), kept.Position);

    private ImmutableSortedSet<Standing>.Builder Changing(string index)
    {
        if (!changing.TryGetValue(index, out var standing))
            changing.Add(index, standing = indexes.GetValueOrDefault(index, Empty).ToBuilder());
        return standing;
    }

    // The view that the cursor was made from may be gone: the next one in the order follows all the same.
    private static int Beside(ImmutableSortedSet<Standing> standing, Place place, bool descending)
    {
        var found = standing.IndexOf(Standing.Probe(place));
        return found >= 0
            ? descending ? found - 1 : found + 1
            : descending ? ~found - 1 : ~found;
    }

    private readonly record struct Kept(object View, long Position);

    /// <summary>A view at its place.</summary>
    private readonly record struct Standing(Place At, object View)
    {
        public static readonly IComparer<Standing> Order =
            Comparer<Standing>.Create((one, other) => Place.Order.Compare(one.At, other.At));

        /// <summary>Finds whatever stands at the place.</summary>
        public static Standing Probe(Place at) => new(at, at);
    }
}
