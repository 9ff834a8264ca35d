using System.Collections.Immutable;
using System.Diagnostics;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>
/// Finds a short history that still shows a difference, by leaving wishes out: halves first, single ones last. Lanes run
/// at once, so a history may show it today and not tomorrow; what is found has shown it at least once.
/// </summary>
internal static class Shrinking
{
    // Each try takes a database and two nodes: about a second.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <returns>The shortest that was found; null when the history alone does not show it.</returns>
    public static async Task<History?> Shrink(History history, Func<History, Task<bool>> shows)
    {
        var start = Stopwatch.GetTimestamp();
        if (!await shows(history))
            return null;
        var shortest = history;
        for (var step = (history.Wishes.Length + 1) / 2; step > 0; step = step == 1 ? 0 : (step + 1) / 2)
        {
            for (var at = 0; at < shortest.Wishes.Length;)
            {
                if (Stopwatch.GetElapsedTime(start) > Longest)
                    return shortest;
                ImmutableArray<Wish> fewer = [.. shortest.Wishes[..at], .. shortest.Wishes.Skip(at + step)];
                if (await shows(shortest with { Wishes = fewer }))
                    shortest = shortest with { Wishes = fewer };
                else
                    at += step;
            }
        }

        return shortest;
    }
}
