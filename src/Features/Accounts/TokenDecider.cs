using System.Diagnostics;
using static EventFiles.Features.Accounts.TokenCommand;
using static EventFiles.Features.Accounts.TokenEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>One token.</summary>
/// <param name="Id">Null while it was not issued.</param>
/// <param name="LastUse">The newest day on which it was used.</param>
public sealed record TokenState(TokenId? Id, DateOnly? LastUse, bool IsRevoked);

public static class TokenDecider
{
    /// <summary>The longest that a token is good for.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);

    public static readonly Decider<TokenCommand, TokenState, TokenEvent> Decider = new(
        new TokenState(null, null, false), Evolve, Decide);

    public static StreamId StreamOf(TokenId token, AccountId account) => new(NameOf(token), account);

    public static string NameOf(TokenId token) => $"token-{token}";

    // Read from the top: the first row that matches is the rule.
    private static Decision<TokenEvent> Decide(TokenState token, TokenCommand ask, DateTimeOffset now) => (token.Id, ask) switch
    {
        (null, Issue issue) => new Issued(
            issue.Token, issue.Account, issue.Name, issue.Digest, issue.Scopes, issue.ExpiresAt, issue.By),
        (null, _) => No.NoSuchToken,
        (_, Issue) => Decision<TokenEvent>.AlreadySo,

        (_, NoteUse) when token.IsRevoked => Decision<TokenEvent>.AlreadySo,
        (_, NoteUse use) when use.Day <= token.LastUse => Decision<TokenEvent>.AlreadySo,
        ({ } id, NoteUse use) => new UsedOn(id, use.Day),

        (_, Revoke) when token.IsRevoked => Decision<TokenEvent>.AlreadySo,
        ({ } id, Revoke revoke) => new Revoked(id, revoke.By),

        _ => throw new UnreachableException(),
    };

    private static TokenState Evolve(TokenState token, TokenEvent happened) => happened switch
    {
        Issued issued => token with { Id = issued.Token },
        UsedOn used => token with { LastUse = used.Day },
        Revoked => token with { IsRevoked = true },
        _ => throw new UnreachableException(),
    };
}
