using System.Text.Json;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.Past;

/// <summary>What readers see who take the whole log in, event by event: the plainest read model there can be.</summary>
internal sealed class Told(IProjection projection)
{
    private readonly Dictionary<string, object> views = new(StringComparer.Ordinal);

    /// <summary>Every key there ever was.</summary>
    public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);

    public void Take(RecordedEvent happened)
    {
        if (projection.KeyOf(happened) is not { } key)
            return;
        Keys.Add(key);
        if (projection.Fold(views.GetValueOrDefault(key), happened) is { } view)
            views[key] = view;
        else
            views.Remove(key);
    }

    public string Find(string key) => Json(views.GetValueOrDefault(key));

    /// <summary>An index, in its order.</summary>
    public List<string> List(string index, bool descending)
    {
        var standing = (
            from view in views
            from entry in projection.Entries(view.Key, view.Value)
            where string.Equals(entry.Index, index, StringComparison.Ordinal)
            select (entry.Sort, view.Key, view.Value)).ToList();
        standing.Sort((one, other) =>
            string.CompareOrdinal(one.Sort, other.Sort) is var bySort and not 0 ? bySort : string.CompareOrdinal(one.Key, other.Key));
        if (descending)
            standing.Reverse();
        return [.. standing.Select(one => Json(one.Value))];
    }

    public static string Json(object? view) => view is null ? "none" : JsonSerializer.Serialize(view, view.GetType(), EventTypes.Json);
}
