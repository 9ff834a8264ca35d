using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.TokenCommand;
using static EventFiles.Features.Accounts.TokenEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class TokenDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly TokenId Scanner = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly Issued Made = new(Scanner, Olga, "Scanner", "digest", TokenScopes.Read | TokenScopes.Write, Noon.AddDays(90), Olga);

    private readonly Specification<TokenCommand, TokenState, TokenEvent> token = new(TokenDecider.Decider, Noon);

    [Fact]
    public void A_token_is_made_and_revoked()
    {
        token.Given().When(new Issue(Scanner, Olga, "Scanner", "digest", TokenScopes.Read | TokenScopes.Write, Noon.AddDays(90), Olga)).Then(Made);
        token.Given(Made).When(new Revoke(Olga)).Then(new Revoked(Scanner, Olga));
        token.Given().When(new Revoke(Olga)).ThenRejected(AccountsRejection.NoSuchToken);
    }

    [Fact]
    public void Its_use_is_noted_once_a_day()
    {
        token.Given(Made).When(new NoteUse(Today)).Then(new UsedOn(Scanner, Today));
        token.Given(Made, new UsedOn(Scanner, Today)).When(new NoteUse(Today.AddDays(-1))).ThenNothing();
        token.Given(Made, new Revoked(Scanner, Olga)).When(new NoteUse(Today)).ThenNothing();
    }

    [Theory]
    [InlineData("")]
    [InlineData("efp_")]
    [InlineData("efp_0197c2a46f1e7c3a9d523b8f6a1e2c47_")]
    [InlineData("efp_0197c2a46f1e7c3a9d523b8f6a1e2c4_xx")]
    [InlineData("EFP_0197c2a46f1e7c3a9d523b8f6a1e2c47_xx")]
    public void What_cannot_be_a_token_is_none(string text) => Assert.Null(PersonalToken.Parse(text));

    [Fact]
    public void A_token_is_read_as_it_was_written()
    {
        var made = PersonalToken.New(Scanner);
        Assert.Equal(made, PersonalToken.Parse(made.ToString()));
    }
}
