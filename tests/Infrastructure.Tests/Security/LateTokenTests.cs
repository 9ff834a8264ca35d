using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Security;

/// <summary>A token outlives the sign-in that made it: one that is over makes none, however early its request came.</summary>
public sealed class LateTokenTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private const string Email = "eve@example.org", Password = "correct horse battery";

    [Fact]
    public async Task Who_was_put_out_meanwhile_gets_no_token()
    {
        var eve = (await Yes(new RegisterAccount(Email, Password, "Eve"))).Id;
        var (phone, desk) = (await SignIn(eve), await SignIn(eve));
        await Yes(Issue(phone));

        await Yes(new ChangeMyPassword(desk, Password, "another horse battery", Life.Home.Address));

        Assert.Equal("accounts.session-over", (await Node.Ask(Issue(phone))).Refusal?.Code);
        await Yes(Issue(desk));
    }

    private static IssueToken Issue(Caller by) => new(by, "backup", ["read"], null);

    private async Task<Caller> SignIn(AccountId account) =>
        new(account, Life.SessionOf((await Yes(new Login(Email, Password, Life.Home))).RefreshToken), IsAdministrator: false);
}
