namespace EventFiles.Features.Accounts;

/// <summary>
/// What happened to a token that an account made for a program. Stored for ever: add cases, never change one. The secret
/// appears as SHA-256 (hex) only.
/// </summary>
public abstract record TokenEvent
{
    private TokenEvent() { }

    /// <summary>A program may act in the account's name.</summary>
    /// <param name="Name">What it is for, in words of whoever made it.</param>
    /// <param name="Scopes">What it may do, never more than the account itself.</param>
    /// <param name="ExpiresAt">From then on it opens nothing.</param>
    /// <param name="By">The account itself, or for a service the administrator.</param>
    public sealed record Issued(
        TokenId Token, AccountId Account, [Personal] string Name, [Hidden] string Digest, TokenScopes Scopes,
        DateTimeOffset ExpiresAt, AccountId By) : TokenEvent;

    /// <summary>It was used on that day (UTC): the first time.</summary>
    public sealed record UsedOn(TokenId Token, DateOnly Day) : TokenEvent;

    /// <summary>It opens nothing any more.</summary>
    /// <param name="By">The account itself, or an administrator.</param>
    public sealed record Revoked(TokenId Token, AccountId By) : TokenEvent;
}
