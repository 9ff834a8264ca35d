using System.Text;
using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>All views of a generation as readers see them, and the digest of it all.</summary>
internal sealed record Shown(string Digest, IReadOnlyDictionary<string, ShownView> Views)
{
    public static async Task<Shown> Of(IGeneration generation)
    {
        var places = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        await foreach (var (index, at) in generation.Places(CancellationToken.None))
        {
            if (!places.TryGetValue(at.Key, out var of))
                places.Add(at.Key, of = new SortedSet<string>(StringComparer.Ordinal));
            of.Add($"{index} at {at.Sort}");
        }

        var views = new Dictionary<string, ShownView>(StringComparer.Ordinal);
        await foreach (var view in generation.Views(CancellationToken.None))
            views.Add(view.Key, new ShownView(Encoding.UTF8.GetString(view.Json), Places(view.Key), view.Position));
        // A place whose view is gone shows readers something that is not there.
        foreach (var key in places.Keys.Where(key => !views.ContainsKey(key)))
            views.Add(key, new ShownView("", Places(key), 0));
        return new Shown((await Leaves.Scan(generation, CancellationToken.None)).ToDigest(), views);

        string Places(string key) => places.TryGetValue(key, out var of) ? string.Join('\n', of) : "";
    }

    /// <summary>The first key that does not show the same on both sides, in the order of keys; null when all do.</summary>
    public string? FirstDifference(Shown other) => Views.Keys.Union(other.Views.Keys, StringComparer.Ordinal)
        .Where(key => !SameAs(Views.GetValueOrDefault(key), other.Views.GetValueOrDefault(key)))
        .Min(StringComparer.Ordinal);

    // The event that changed a view last may be another: of a change and its undoing in one page nothing is left.
    private static bool SameAs(ShownView? one, ShownView? other) => one?.Json == other?.Json && one?.Places == other?.Places;
}

/// <summary>One view.</summary>
/// <param name="Places">Index and sort, a line each.</param>
/// <param name="Position">Of the event that changed it last.</param>
internal sealed record ShownView(string Json, string Places, long Position);

/// <summary>
/// The plainest reading of a projection that there is: one event after the other, each folded on what the last one left.
/// No pages, no drafts, no parking, no JSON in between: what live views must come to however they came to it.
/// </summary>
internal sealed class PlainFold(IProjection projection, Coverage coverage)
{
    private readonly MemoryGeneration views = new(projection, 1);
    private long position;

    public IProjection Projection => projection;

    public async Task Take(RecordedEvent happened)
    {
        if (!projection.Facts.Contains(happened.Fact.GetType()) || projection.KeyOf(happened) is not { } key)
            return;
        coverage.Folds.AddOrUpdate((projection.Name, happened.Name), 1, (_, count) => count + 1);
        var before = views.Find(key);
        var after = projection.Fold(before, happened);
        if (Equals(before, after))
            return;
        var change = new ViewChange(key, after, happened.Position, Entries(key, before), Entries(key, after));
        Assert.True(await views.Apply(new ViewBatch(position, happened.Position, [change]), CancellationToken.None));
        position = happened.Position;
    }

    public Task<Shown> Shown()
    {
        views.Publish();
        return Equality.Shown.Of(views);
    }

    private HashSet<IndexEntry> Entries(string key, object? view) => view is null ? [] : [.. projection.Entries(key, view)];
}
