using System.Text.Json;

namespace EventFiles.Features.Tests;

/// <summary>
/// Tells a projection what happened and keeps what it shows. Every fact is told twice, because in the world it may be:
/// the second time must change nothing.
/// </summary>
public sealed class Telling<TView>(Projection<TView> projection, AccountId owner)
    where TView : class
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, TView?> views = [];
    private readonly Dictionary<Type, long> versions = [];
    private long position;

    /// <summary>The facts in this order, a second apart; all facts of one slice count as one stream.</summary>
    public Telling<TView> Tell(params object[] facts)
    {
        foreach (var fact in facts)
        {
            var slice = fact.GetType().DeclaringType!;
            versions[slice] = versions.GetValueOrDefault(slice) + 1;
            var happened = new RecordedEvent(
                ++position, new StreamId(slice.Name, owner), versions[slice], Guid.NewGuid(), fact.GetType().Name,
                Noon.AddSeconds(position), fact);
            if (projection.KeyOf(happened) is not { } key)
                continue;
            var once = projection.Fold(views.GetValueOrDefault(key), happened);
            var twice = projection.Fold(once, happened);
            Assert.Equal(JsonSerializer.Serialize(once), JsonSerializer.Serialize(twice));
            views[key] = (TView?)once;
        }

        return this;
    }

    public TView? View(object key) => views.GetValueOrDefault(key.ToString()!);

    /// <summary>The keys that stand in an index, in its order.</summary>
    public IReadOnlyList<string> Index(string index, bool descending = false)
    {
        var keys = views
            .Where(view => view.Value is not null)
            .SelectMany(view => projection.Entries(view.Key, view.Value!).Select(entry => (entry.Index, entry.Sort, view.Key)))
            .Where(entry => entry.Index == index)
            .OrderBy(entry => entry.Sort, StringComparer.Ordinal).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => entry.Key)
            .ToList();
        if (descending)
            keys.Reverse();
        return keys;
    }
}
