using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.AccountsCommand;
using static EventFiles.Features.Accounts.AccountsEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class AccountsDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly AccountId Ada = new(Guid.Parse("00000000-0000-7000-8000-00000000000b"));
    private static readonly SessionId Phone = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly SessionId Desk = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly Registered Begun = new(Olga, "olga@example.org", "Olga");

    private readonly Specification<AccountsCommand, AccountsState, AccountsEvent> account = new(AccountsDecider.Decider, Noon);

    [Fact]
    public void Somebody_registers() => account
        .Given()
        .When(new Register(Olga, "olga@example.org", "Olga"))
        .Then(Begun);

    [Fact]
    public void What_nobody_registered_cannot_change() => account
        .Given()
        .When(new Rename("Olga"))
        .ThenRejected(AccountsRejection.NoSuchAccount);

    [Fact]
    public void An_administrator_is_appointed_once() => account
        .Given(Begun)
        .When(new Appoint(AsFirst: true))
        .Then(new Appointed(Olga, AsFirst: true));

    [Fact]
    public void An_account_may_be_renamed() => account
        .Given(Begun)
        .When(new Rename("Olga the Second"))
        .Then(new Renamed(Olga, "Olga the Second"));

    [Fact]
    public void The_same_name_again_is_nothing() => account
        .Given(Begun)
        .When(new Rename("Olga"))
        .ThenNothing();

    [Fact]
    public void Each_change_of_the_password_begins_a_generation_of_sign_ins() => account
        .Given(Begun, new PasswordChanged(Olga, 1, Phone))
        .When(new ChangePassword(Desk))
        .ThenEachTime(new PasswordChanged(Olga, 2, Desk));

    [Fact]
    public void Signing_others_out_begins_one_too() => account
        .Given(Begun, new PasswordChanged(Olga, 1, Phone))
        .When(new SignOutOthers(Desk))
        .ThenEachTime(new OthersSignedOut(Olga, 2, Desk));

    [Fact]
    public void Only_the_session_that_asked_outlives_a_generation()
    {
        var after = AccountsDecider.Decider.Fold([Begun, new PasswordChanged(Olga, 1, Phone)]);
        Assert.True(after.Admits(Phone, 0));
        Assert.False(after.Admits(Desk, 0));
        Assert.True(after.Admits(Desk, 1));

        var later = AccountsDecider.Decider.Fold([Begun, new PasswordChanged(Olga, 1, Phone), new OthersSignedOut(Olga, 2, Desk)]);
        Assert.False(later.Admits(Phone, 0));
        Assert.True(later.Admits(Desk, 1));
    }

    [Fact]
    public void An_account_is_named_auditor_and_dismissed()
    {
        account.Given(Begun).When(new NameAuditor(Olga)).Then(new AuditorNamed(Olga, Olga));
        account.Given(Begun, new AuditorNamed(Olga, Olga)).When(new DismissAuditor(Olga)).Then(new AuditorDismissed(Olga, Olga));
        account.Given(Begun).When(new DismissAuditor(Olga)).ThenNothing();
        account.Given().When(new NameAuditor(Olga)).ThenRejected(AccountsRejection.NoSuchAccount);
    }

    [Fact]
    public void An_address_is_proved_and_exchanged()
    {
        var letter = new LetterId(Guid.Parse("00000000-0000-7000-8000-000000000003"));
        account.Given(Begun).When(new ConfirmAddress(letter)).Then(new AddressConfirmed(Olga, letter));
        account.Given(Begun).When(new ChangeAddress(letter, "new@example.org"))
            .Then(new AddressChanged(Olga, letter, "new@example.org", "olga@example.org"));
        account.Given(Begun).When(new ResetPassword(letter)).ThenEachTime(new PasswordReset(Olga, letter, 1));
    }

    [Fact]
    public void A_disabled_account_admits_nobody_and_former_sessions_never_again()
    {
        account.Given(Begun).When(new Disable(Ada)).Then(new Disabled(Olga, 1, Ada));
        account.Given(Begun).When(new Disable(Olga)).ThenRejected(AccountsRejection.NotYourself);
        account.Given(Begun, new Disabled(Olga, 1, Ada)).When(new Enable(Ada)).Then(new Enabled(Olga, Ada));
        Assert.False(AccountsDecider.Decider.Fold([Begun, new Disabled(Olga, 1, Ada)]).Admits(Phone, 1));
        Assert.False(AccountsDecider.Decider.Fold([Begun, new Disabled(Olga, 1, Ada), new Enabled(Olga, Ada)]).Admits(Phone, 0));
    }

    [Fact]
    public void An_account_is_one_persons_at_the_provider()
    {
        var linked = new IdentityLinked(Olga, "https://id.example.org", "1");
        account.Given(Begun).When(new LinkIdentity("https://id.example.org", "1")).Then(linked);
        account.Given(Begun, linked).When(new LinkIdentity("https://id.example.org", "2")).ThenRejected(AccountsRejection.LinkedOther);
    }

    [Fact]
    public void An_administrator_is_dismissed_by_another()
    {
        account.Given(Begun, new Appointed(Olga, false)).When(new DismissAdministrator(Ada)).Then(new AdministratorDismissed(Olga, Ada));
        account.Given(Begun, new Appointed(Olga, false)).When(new DismissAdministrator(Olga)).ThenRejected(AccountsRejection.NotYourself);
        account.Given(Begun).When(new MakeService(Ada)).Then(new MadeService(Olga, Ada));
        account.Given(Begun).When(new SwitchFactor(true, Olga)).Then(new FactorSwitched(Olga, true, Olga));
    }

    [Fact]
    public void An_address_is_claimed_in_one_spelling()
    {
        var claim = AccountsClaims.Of(new Registered(Olga, " OLGA@Exa\u0301mple.org ", "Olga"))!;
        Assert.Equal(("email", "olga@ex\u00e1mple.org"), (claim.Scope, claim.Key));
        Assert.Same(AccountsRejection.EmailTaken, claim.WhenTaken);
    }

    [Fact]
    public void Being_first_is_claimed_beside_the_address_and_being_appointed_later_is_not()
    {
        var first = AccountsClaims.Of(new Appointed(Olga, AsFirst: true))!;
        Assert.NotEqual(AccountsClaims.Of(Begun)!.Holder, first.Holder);
        Assert.Null(AccountsClaims.Of(new Appointed(Olga, AsFirst: false)));
    }

    private static readonly AvatarId Sea = new(Guid.Parse("00000000-0000-7000-8000-0000000000e1"));
    private static readonly AvatarId Hills = new(Guid.Parse("00000000-0000-7000-8000-0000000000e2"));

    [Fact]
    public void Of_a_picture_that_takes_anothers_place_the_former_is_named() => account
        .Given(Begun, new AvatarChanged(Olga, Sea, 100, "5ea", null))
        .When(new ChangeAvatar(Hills, 200, "8111"))
        .Then(new AvatarChanged(Olga, Hills, 200, "8111", Sea));

    [Fact]
    public void The_same_picture_again_is_the_one_that_is_there() => account
        .Given(Begun, new AvatarChanged(Olga, Sea, 100, "5ea", null))
        .When(new ChangeAvatar(Hills, 100, "5ea"))
        .ThenNothing();

    [Fact]
    public void A_picture_is_removed() => account
        .Given(Begun, new AvatarChanged(Olga, Sea, 100, "5ea", null))
        .When(new RemoveAvatar())
        .Then(new AvatarRemoved(Olga, Sea));

    [Fact]
    public void A_picture_that_was_removed_may_come_again() => account
        .Given(Begun, new AvatarChanged(Olga, Sea, 100, "5ea", null), new AvatarRemoved(Olga, Sea))
        .When(new ChangeAvatar(Hills, 100, "5ea"))
        .Then(new AvatarChanged(Olga, Hills, 100, "5ea", null));

    [Fact]
    public void A_closed_account_gets_no_picture() => account
        .Given(Begun, new AvatarChanged(Olga, Sea, 100, "5ea", null), new Closed(Olga))
        .When(new ChangeAvatar(Hills, 200, "8111"))
        .ThenRejected(AccountsRejection.NoSuchAccount);
}
