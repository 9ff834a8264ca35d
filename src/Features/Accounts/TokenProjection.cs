using static EventFiles.Features.Accounts.TokenEvent;

namespace EventFiles.Features.Accounts;

/// <summary>A token that was not revoked.</summary>
/// <param name="Digest">Of its secret: SHA-256, lower-case hex.</param>
/// <param name="ExpiresAt">From then on it opens nothing.</param>
/// <param name="UsedOn">The newest day on which it was used (UTC).</param>
public sealed record TokenView(
    TokenId Id, AccountId Account, string Name, string Digest, TokenScopes Scopes, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt, DateOnly? UsedOn)
{
    public TokenSummary ToSummary() => new(Id, Name, TokenScopeNames.Of(Scopes), CreatedAt, ExpiresAt, UsedOn);
}

internal static class TokenProjection
{
    /// <summary>An account's tokens, by the time they were made.</summary>
    public static string Of(AccountId account) => $"tokens:{account}";

    /// <summary>By token id.</summary>
    public static Projection<TokenView> Define() => new Projection<TokenView>("tokens")
        .On<Issued>(fact => fact.Token.ToString(), (_, fact, happened) => new TokenView(
            fact.Token, fact.Account, fact.Name, fact.Digest, fact.Scopes, happened.At, fact.ExpiresAt, null))
        .On<UsedOn>(fact => fact.Token.ToString(), (view, fact, _) => view is null ? null : view with { UsedOn = fact.Day })
        .On<Revoked>(fact => fact.Token.ToString(), (_, _, _) => null)
        .Indexed(view => [new IndexEntry(Of(view.Account), IndexEntry.Time(view.CreatedAt))]);
}
