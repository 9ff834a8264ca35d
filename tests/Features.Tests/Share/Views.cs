using System.Text.Json;

namespace EventFiles.Features.Tests.Share;

/// <summary>
/// The views that follow from a history, kept as JSON between events, as every adapter keeps them.
/// </summary>
internal sealed class Views<TView>(Projection<TView> projection) : IReadModel<TView> where TView : class
{
    private readonly SortedDictionary<string, string> kept = new(StringComparer.Ordinal);
    private long position;

    /// <summary>The views as text: equal texts, equal views.</summary>
    public string Text => string.Join('\n', kept.Select(view => $"{view.Key} {view.Value}"));

    public Views<TView> After(AccountId tenant, params object[] facts)
    {
        foreach (var fact in facts)
            Fold(tenant, fact);
        return this;
    }

    public TView? Of(string key) =>
        kept.TryGetValue(key, out var json) ? JsonSerializer.Deserialize<TView>(json, JsonSerializerOptions.Web) : null;

    public Task<TView?> Find(string key, CancellationToken cancel) => Task.FromResult(Of(key));

    public Task<IReadOnlyList<TView?>> Find(IReadOnlyList<string> keys, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<TView?>>([.. keys.Select(Of)]);

    public Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel)
    {
        var found = kept.Keys
            .SelectMany(key => projection.Entries(key, Of(key)!).Select(entry => (Key: key, entry.Index, entry.Sort)))
            .Where(entry => string.Equals(entry.Index, index, StringComparison.Ordinal))
            .OrderBy(entry => entry.Sort, StringComparer.Ordinal)
            .Select(entry => Of(entry.Key)!);
        return Task.FromResult(new Page<TView>([.. (descending ? found.Reverse() : found).Take(limit)], null));
    }

    private void Fold(AccountId tenant, object fact)
    {
        var happened = new RecordedEvent(
            ++position, new StreamId("stream-1", tenant), 1, Guid.Empty, "fact", People.Noon, fact);
        var key = projection.KeyOf(happened);
        Assert.NotNull(key);
        if (projection.Fold(Of(key), happened) is { } view)
            kept[key] = JsonSerializer.Serialize((TView)view, JsonSerializerOptions.Web);
        else
            kept.Remove(key);
    }
}
