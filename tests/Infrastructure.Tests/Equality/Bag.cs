namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Things that came to be, for whoever wants one of them. Several lanes share it.</summary>
internal sealed class Bag<T> where T : class
{
    private readonly Lock gate = new();
    private readonly List<T> all = [];

    public IReadOnlyList<T> All
    {
        get
        {
            lock (gate)
                return [.. all];
        }
    }

    public void Add(T one)
    {
        lock (gate)
            all.Add(one);
    }

    /// <summary>Any of them, the later ones more often; null when there are none.</summary>
    public T? Any(Random chance)
    {
        lock (gate)
            return Any(all, chance);
    }

    /// <summary>The same, of those that are so where there are any, else of all.</summary>
    public T? Any(Random chance, Predicate<T> isSo)
    {
        lock (gate)
            return Any(all.FindAll(isSo), chance) ?? Any(all, chance);
    }

    public void Remove(T one)
    {
        lock (gate)
            all.Remove(one);
    }

    private static T? Any(List<T> of, Random chance) =>
        of.Count == 0 ? null : of[Math.Max(chance.Next(of.Count), chance.Next(of.Count))];
}
