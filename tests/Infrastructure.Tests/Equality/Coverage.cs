using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What a run has come past: a run that leaves something out has proved nothing about it.</summary>
internal sealed class Coverage
{
    // Follows from a damaged figure alone: no request leads to it.
    private const string Repair = "quota.corrected.v1";

    private int asked;

    /// <summary>The codes of all refusals, and how often each was given.</summary>
    public ConcurrentDictionary<string, int> Refusals { get; } = new(StringComparer.Ordinal);

    /// <summary>How often a fact of that stored name was folded by that projection.</summary>
    public ConcurrentDictionary<(string Projection, string Name), int> Folds { get; } = new();

    /// <summary>How often an event of that stored name stands in the log.</summary>
    public ConcurrentDictionary<string, int> Events { get; } = new(StringComparer.Ordinal);

    public int Asked => asked;

    public void Answered(Rejection? refusal)
    {
        Interlocked.Increment(ref asked);
        if (refusal is not null)
            Refusals.AddOrUpdate(refusal.Code, 1, (_, count) => count + 1);
    }

    /// <summary>What the slices store and show and no history came past, one a line.</summary>
    public IEnumerable<string> Gaps(Slices slices)
    {
        var names = slices.All.SelectMany(slice => slice.Stored).ToDictionary(stored => stored.Value, stored => stored.Key);
        foreach (var name in names.Values.Where(name => name != Repair && !Events.ContainsKey(name)))
            yield return $"No history led to {name}.";
        foreach (var projection in slices.All.SelectMany(slice => slice.Projections))
        {
            foreach (var name in projection.Facts.Select(fact => names[fact]).Where(name => name != Repair && !Folds.ContainsKey((projection.Name, name))))
                yield return $"{projection.Name} never folded {name}.";
        }
    }

    public override string ToString() =>
        $"""
        {asked} requests, {Refusals.Values.Sum()} refused with {Refusals.Count} codes: {Counts(Refusals)}
        {Events.Values.Sum()} events of {Events.Count} types: {Counts(Events)}
        """;

    private static string Counts(IEnumerable<KeyValuePair<string, int>> of) =>
        string.Join(", ", of.OrderByDescending(one => one.Value).Select(one => $"{one.Key} {one.Value}"));
}
