using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Bench;

/// <summary>Looking at access tokens, on one core: those that a busy client sends again and again, and those that are new.</summary>
internal static class TokenChecks
{
    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var keys = new FolderKeys(await arena.NewFolder("tokens"), TimeProvider.System);
        var tokens = new Es256Tokens(keys, TimeProvider.System);
        var token = tokens.Issue(
            new Caller(new AccountId(Guid.CreateVersion7()), new SessionId(Guid.CreateVersion7()), IsAdministrator: false), TimeSpan.FromHours(1));
        var bytes = Encoding.ASCII.GetBytes(token);
        var signature = keys.Current.Sign(bytes);
        return new Prepared(
            new Contest(
                "tokens/s",
                [
                    Looking("bare digest", () => SHA256.HashData(bytes).Length > 0),
                    Looking("seen token", () => tokens.Verify(token) is not null),
                    Looking("bare signature", () => keys.Current.Verify(bytes, signature)),
                    // Whoever has just begun has seen none.
                    Looking("new token", () => new Es256Tokens(keys, TimeProvider.System).Verify(token) is not null),
                ],
                [
                    new Goal("a token that was seen", "seen token", "bare digest", null) { LeastRate = 100_000 },
                    new Goal("a token that is new", "new token", "bare signature", null),
                ]),
            _ => Task.CompletedTask);
    }

    private static Contestant Looking(string name, Func<bool> isGood) => new(name, (time, stop) => Load.Run(
        1, time, _ => isGood() ? ValueTask.CompletedTask : throw new BenchException("A good token is refused."), stop))
    {
        IsHere = true,
    };
}
