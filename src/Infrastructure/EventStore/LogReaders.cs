using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Readers of this process whose place is written down nowhere, or later: where each of them is now.</summary>
internal sealed class LogReaders
{
    private readonly ConcurrentDictionary<string, Func<long>> places = new(StringComparer.Ordinal);

    /// <summary>The name of what all readers wait for.</summary>
    public const string Settled = "settled";

    /// <summary>Of those that have begun.</summary>
    public IReadOnlyCollection<(string Name, long Position)> Positions =>
        [.. places.Select(one => (one.Key, one.Value())).Where(one => one.Item2 >= 0)];

    /// <summary>This reader says from now on where it is.</summary>
    public void Watch(string name, Func<long> position) => places[name] = position;
}
