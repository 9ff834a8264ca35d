using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.LetterCommand;
using static EventFiles.Features.Accounts.LetterEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class LetterDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly LetterId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly LetterId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly Asked Sent = new(First, Olga, LetterKind.ResetPassword, "olga@example.org", Noon.AddMinutes(30), 3);

    private readonly Specification<LetterCommand, LetterState, LetterEvent> letters = new(LetterDecider.Decider, Noon);

    [Fact]
    public void A_letter_that_resets_a_password_is_good_for_half_an_hour_and_others_for_two_days()
    {
        letters.Given().When(new Ask(First, Olga, LetterKind.ResetPassword, "olga@example.org", 3)).Then(Sent);
        letters.Given().When(new Ask(First, Olga, LetterKind.ConfirmAddress, "olga@example.org", 3))
            .Then(new Asked(First, Olga, LetterKind.ConfirmAddress, "olga@example.org", Noon.AddDays(2), 3));
    }

    [Fact]
    public void A_link_is_followed_once()
    {
        letters.Given(Sent).When(new Redeem(First)).ThenEachTime(new Redeemed(First));
        letters.Given(Sent, new Redeemed(First)).When(new Redeem(First)).ThenRejected(AccountsRejection.LinkSpent);
    }

    [Fact]
    public void A_link_is_void_when_it_is_too_old_or_a_newer_one_was_sent()
    {
        letters.Given(Sent with { Until = Noon }).When(new Redeem(First)).ThenRejected(AccountsRejection.LinkSpent);
        letters.Given(Sent, Sent with { Letter = Second }).When(new Redeem(First)).ThenRejected(AccountsRejection.LinkSpent);
        letters.Given(Sent, Sent with { Letter = Second }).When(new Redeem(Second)).ThenEachTime(new Redeemed(Second));
        letters.Given(Sent, Sent with { Letter = Second, Kind = LetterKind.ConfirmAddress }).When(new Redeem(First)).ThenEachTime(new Redeemed(First));
    }

    [Fact]
    public void What_nobody_sent_is_nothing() => letters.Given().When(new Redeem(First)).ThenRejected(AccountsRejection.LinkSpent);
}
