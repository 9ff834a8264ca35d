using System.Collections.Concurrent;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>
/// Passwords as they are, in memory. Real hashes take a twentieth of a second each, by design and for tests of their own:
/// no view shows anything of them, and here they would take more time than all else.
/// </summary>
internal sealed class QuickPasswords : IPasswords
{
    private readonly ConcurrentDictionary<string, string> kept = new(StringComparer.Ordinal);

    public Task<Rejection?> Set(string holder, string password, CancellationToken cancel)
    {
        kept[holder] = password;
        return Task.FromResult<Rejection?>(null);
    }

    public Task<Answer<bool>> Verify(string? holder, string password, CancellationToken cancel) =>
        Task.FromResult<Answer<bool>>(holder is not null && kept.TryGetValue(holder, out var right) && right == password);

    public Task<bool> Take(string holder, string from, CancellationToken cancel)
    {
        if (kept.TryRemove(from, out var taken))
            kept[holder] = taken;
        return Task.FromResult(taken is not null);
    }

    public Task Remove(string holder, CancellationToken cancel)
    {
        kept.TryRemove(holder, out _);
        return Task.CompletedTask;
    }
}
