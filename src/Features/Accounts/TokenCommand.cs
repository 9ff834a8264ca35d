namespace EventFiles.Features.Accounts;

public abstract record TokenCommand
{
    private TokenCommand() { }

    public sealed record Issue(
        TokenId Token, AccountId Account, string Name, string Digest, TokenScopes Scopes, DateTimeOffset ExpiresAt, AccountId By)
        : TokenCommand;

    public sealed record NoteUse(DateOnly Day) : TokenCommand;

    public sealed record Revoke(AccountId By) : TokenCommand;
}
