using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.PasskeyCommand;
using static EventFiles.Features.Accounts.PasskeyEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class PasskeyDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly PasskeyId Key = new(Guid.Parse("00000000-0000-7000-8000-0000000000a1"));
    private static readonly PasskeyId Other = new(Guid.Parse("00000000-0000-7000-8000-0000000000a2"));
    private static readonly Challenge First = new("first", Noon.AddMinutes(1));
    private static readonly Challenge Second = new("second", Noon.AddMinutes(2));
    private static readonly PasskeyEvent[] One = [Known(Key, "credential", 3, First)];

    private readonly Specification<PasskeyCommand, PasskeyState, PasskeyEvent> passkeys = new(PasskeyDecider.Decider, Noon);

    [Fact]
    public void What_was_made_opens_the_account_from_then_on()
    {
        passkeys.Given().When(Make(Key, "credential", First)).Then(Known(Key, "credential", 3, First));
        passkeys.Given(One).When(new Use(Key, 4, Second)).ThenEachTime(new Used(Key, Olga, 4, "second", Second.Until));
        passkeys.Given().When(new Use(Key, 4, Second)).ThenRejected(AccountsRejection.PasskeyRefused);
        passkeys.Given(One).When(Make(Other, "credential", Second)).ThenRejected(AccountsRejection.PasskeyTaken);
    }

    [Fact]
    public void What_was_answered_is_answered_never_again()
    {
        passkeys.Given(One).When(new Use(Key, 4, First)).ThenRejected(AccountsRejection.PasskeyRefused);
        passkeys.Given(One).When(Make(Other, "another", First)).ThenRejected(AccountsRejection.PasskeyUnproved);
        passkeys.Given([.. One, new Removed(Key, Olga)]).When(Make(Other, "credential", First)).ThenRejected(AccountsRejection.PasskeyUnproved);
        passkeys.Given([.. One, new Used(Key, Olga, 4, "second", Second.Until)]).When(new Use(Key, 5, Second)).ThenRejected(AccountsRejection.PasskeyRefused);
        var over = new Challenge("over", Noon);
        passkeys.Given(One).When(new Use(Key, 4, over)).ThenRejected(AccountsRejection.PasskeyRefused);
        passkeys.Given().When(Make(Key, "credential", over)).ThenRejected(AccountsRejection.PasskeyUnproved);
    }

    [Fact]
    public void What_was_answered_is_forgotten_when_it_is_over()
    {
        var state = PasskeyDecider.Decider.Fold([.. One, new Used(Key, Olga, 4, "second", First.Until + Challenge.Life)]);
        Assert.Equal(["second"], state.Spent.Keys);
        state = PasskeyDecider.Decider.Fold([.. One, new Used(Key, Olga, 4, "second", First.Until + Challenge.Life - TimeSpan.FromTicks(1))]);
        Assert.Equal(2, state.Spent.Count);
    }

    [Theory]
    [InlineData(3, 4, true)]
    [InlineData(3, 3, false)]
    [InlineData(3, 2, false)]
    [InlineData(3, 0, false)]
    [InlineData(0, 0, true)]
    [InlineData(0, 1, true)]
    public void A_count_never_falls_back(long known, long uses, bool isGood)
    {
        if (isGood)
        {
            passkeys.Given(Known(Key, "credential", known, First)).When(new Use(Key, uses, Second))
                .ThenEachTime(new Used(Key, Olga, uses, "second", Second.Until));
            passkeys.Given(Known(Key, "credential", known, First)).When(new Suspect(Key, uses)).ThenNothing();
        }
        else
        {
            passkeys.Given(Known(Key, "credential", known, First)).When(new Use(Key, uses, Second)).ThenRejected(AccountsRejection.PasskeySuspected);
            passkeys.Given(Known(Key, "credential", known, First)).When(new Suspect(Key, uses)).ThenEachTime(new Suspected(Key, Olga, uses, known));
        }
    }

    [Fact]
    public void They_are_renamed_and_removed_one_by_one_or_all_at_once()
    {
        PasskeyEvent[] two = [.. One, Known(Other, "another", 0, Second)];
        passkeys.Given(One).When(new Rename(Key, "belt")).Then(new Renamed(Key, Olga, "belt"));
        passkeys.Given(One).When(new Rename(Key, "name")).ThenNothing();
        passkeys.Given(One).When(new Rename(Other, "belt")).ThenRejected(AccountsRejection.NoSuchPasskey);
        passkeys.Given(One).When(new Remove(Key)).ThenEachTime(new Removed(Key, Olga));
        passkeys.Given(One).When(new Remove(Other)).ThenRejected(AccountsRejection.NoSuchPasskey);
        passkeys.Given(two).When(new RemoveAll()).Then(new Removed(Key, Olga), new Removed(Other, Olga));
        passkeys.Given().When(new RemoveAll()).ThenNothing();
        passkeys.Given([.. One, new Removed(Key, Olga)]).When(new Use(Key, 9, Second)).ThenRejected(AccountsRejection.PasskeyRefused);
        passkeys.Given([.. One, new Removed(Key, Olga)]).When(new Suspect(Key, 1)).ThenNothing();
    }

    [Fact]
    public void Twenty_are_enough()
    {
        var all = Enumerable.Range(1, PasskeyDecider.MostPasskeys)
            .Select(n => Known(new(new Guid(n, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0)), $"credential {n}", 0, First)).ToArray();
        passkeys.Given(all).When(Make(Key, "credential", Second)).ThenRejected(AccountsRejection.TooManyPasskeys);
        passkeys.Given(all[1..]).When(Make(Key, "credential", Second)).Then(Known(Key, "credential", 3, Second));
    }

    private static Add Make(PasskeyId id, string credential, Challenge answered) =>
        new(id, Olga, "name", new NewPasskey(credential, "key", 3, IsSynced: true), answered);

    private static Added Known(PasskeyId id, string credential, long uses, Challenge answered) =>
        new(id, Olga, "name", credential, "key", uses, IsSynced: true, answered.Digest, answered.Until);
}
