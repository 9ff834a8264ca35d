using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// A place in a list holds the name that it sorts by, and a cursor stands in a URL: so what clients get is encrypted, and
/// opens only for the list that it came from.
/// </summary>
internal sealed class SealedCursors<TView>(StoredReadModel<TView> views, IDataProtectionProvider keys) : IReadModel<TView>
    where TView : class
{
    public Task<TView?> Find(string key, CancellationToken cancel) => views.Find(key, cancel);

    public Task<IReadOnlyList<TView?>> Find(IReadOnlyList<string> keys, CancellationToken cancel) => views.Find(keys, cancel);

    public async Task<Page<TView>> List(string index, string? cursor, int limit, bool descending, CancellationToken cancel)
    {
        var seal = keys.CreateProtector("cursor", index, descending ? "down" : "up");
        var page = await views.List(index, cursor is null ? null : Open(seal, cursor), limit, descending, cancel);
        return page.NextCursor is { } next ? page with { NextCursor = seal.Protect(next) } : page;
    }

    private static string Open(IDataProtector seal, string cursor)
    {
        try
        {
            return seal.Unprotect(cursor);
        }
        catch (Exception foreign) when (foreign is CryptographicException or FormatException)
        {
            throw new BadCursorException();
        }
    }
}
