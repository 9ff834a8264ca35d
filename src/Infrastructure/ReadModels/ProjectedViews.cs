using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// All views of one projection. One writer applies events and publishes; readers need no lock. A reader that lists sees
/// one published state of the index with the very views that stood in it, however long it looks.
/// </summary>
internal sealed class ProjectedViews(IProjection projection)
{
    private static readonly ImmutableSortedSet<Standing> Empty = ImmutableSortedSet.Create(Standing.Order);

    private readonly ConcurrentDictionary<string, object> documents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<Standing>> indexes = new(StringComparer.Ordinal);

    // The indexes that changed since the last publication. A builder changes its own nodes in place, so that a rebuild
    // that publishes seldom does not copy the tree again and again.
    private readonly Dictionary<string, ImmutableSortedSet<Standing>.Builder> changing = new(StringComparer.Ordinal);

    private long seen;

    public IProjection Projection => projection;

    public object? Find(string key) => documents.GetValueOrDefault(key);

    /// <summary>A page of an index: a search in a tree, then one step for each view, however many there are.</summary>
    public Page<TView> List<TView>(string index, string? cursor, int limit, bool descending)
        where TView : class
    {
        var after = cursor is null ? default(Place?) : Place.FromCursor(cursor);
        if (!indexes.TryGetValue(index, out var standing))
            return new Page<TView>([], null);

        var step = descending ? -1 : 1;
        var at = after is { } place ? Beside(standing, place, descending) : descending ? standing.Count - 1 : 0;
        var count = Math.Min(limit, descending ? at + 1 : standing.Count - at);
        if (count <= 0)
            return new Page<TView>([], null);

        var views = new TView[count];
        for (var i = 0; i < count; i++, at += step)
            views[i] = (TView)standing.ItemRef(at).View;
        return new Page<TView>(views, at >= 0 && at < standing.Count ? standing.ItemRef(at - step).At.ToCursor() : null);
    }

    /// <summary>
    /// Takes one event in. The position guard: what was taken, or refused, before is dropped, so delivering twice is the
    /// same as once. It is one number for the whole projection because the feed is in exact order; a number in each view
    /// would have to outlive the view.
    /// </summary>
    /// <exception cref="Exception">Whatever the projection throws; then nothing has changed.</exception>
    public void Apply(RecordedEvent happened)
    {
        if (happened.Position <= seen)
            return;
        seen = happened.Position;
        if (projection.KeyOf(happened) is not { } key)
            return;

        var before = Find(key);
        var after = projection.Fold(before, happened);
        if (Equals(before, after))
            return;
        HashSet<IndexEntry> left = before is null ? [] : [.. projection.Entries(key, before)];
        HashSet<IndexEntry> entered = after is null ? [] : [.. projection.Entries(key, after)];

        if (after is null)
            documents.TryRemove(key, out _);
        else
            documents[key] = after;
        foreach (var entry in left)
            Changing(entry.Index).Remove(Standing.Probe(new Place(entry.Sort, key)));
        foreach (var entry in entered)
            Changing(entry.Index).Add(new Standing(new Place(entry.Sort, key), after!));
    }

    /// <summary>Shows readers all that was applied.</summary>
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

    /// <summary>A view at its place.</summary>
    private readonly record struct Standing(Place At, object View)
    {
        public static readonly IComparer<Standing> Order =
            Comparer<Standing>.Create((one, other) => Place.Order.Compare(one.At, other.At));

        /// <summary>Finds whatever stands at the place.</summary>
        public static Standing Probe(Place at) => new(at, at);
    }
}
