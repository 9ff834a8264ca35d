using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace EventFiles.Infrastructure.Past;

/// <summary>What was, for whoever asks. A cursor holds a name and stands in a URL: it is sealed, and opens only its own list.</summary>
internal sealed class PastViews(
    Moments moments, Recall recall, PastPlaces places, PastKeepers keepers, IDataProtectionProvider keys) : IPast
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public Task<Answer<Moment>> Locate(string asOf, CancellationToken cancel) => moments.Locate(asOf, cancel);

    public async Task<TView?> Find<TView>(string key, Moment at, CancellationToken cancel) where TView : class
    {
        var projection = keepers.Of(typeof(TView)).Projection;
        var recalled = await recall.At(projection, [key], at.Position, cancel);
        return recalled.TryGetValue(key, out var told) ? (TView?)told.Views.GetValueOrDefault(key) : null;
    }

    public async Task<Answer<Page<TView>>> List<TView>(
        string index, Moment at, string? cursor, int limit, bool descending, CancellationToken cancel) where TView : class
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var keeper = keepers.Of(typeof(TView));
        var seal = keys.CreateProtector("cursor into the past", index, descending ? "down" : "up", at.Wanted.ToString());
        // A time of the last minute may mean a later position by now; a list goes on where it began.
        var (position, after) = cursor is null ? (at.Position, default(StoodThere?)) : Open(seal, cursor);
        if (!await keeper.Reaches(position, Patience, cancel))
            return PastRejection.StillReading;

        var stood = await places.List(keeper.Projection, index, position, after, limit + 1, descending, cancel);
        StoodThere[] page = [.. stood.Take(limit)];
        var recalled = await recall.At(
            keeper.Projection, page.Select(one => one.Group).ToHashSet(StringComparer.Ordinal), position, cancel);
        return new Answer<Page<TView>>.Yes(
            new(
                [.. page.Select(one => (TView)recalled[one.Group].Views[one.Key])],
                stood.Count > limit ? seal.Protect(Spell(position, page[^1])) : null),
            position);
    }

    private static string Spell(long position, StoodThere last) =>
        string.Create(CultureInfo.InvariantCulture, $"{position}:{last.Sort.Length}:{last.Sort}{last.Key}");

    private static (long Position, StoodThere? After) Open(IDataProtector seal, string cursor)
    {
        try
        {
            var parts = seal.Unprotect(cursor).Split(':', 3);
            var length = int.Parse(parts[1], CultureInfo.InvariantCulture);
            return (
                long.Parse(parts[0], CultureInfo.InvariantCulture),
                new StoodThere(parts[2][..length], parts[2][length..], ""));
        }
        catch (Exception foreign) when (foreign is CryptographicException or FormatException)
        {
            throw new BadCursorException();
        }
    }
}
