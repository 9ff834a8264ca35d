using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.InvitationCommand;
using static EventFiles.Features.Accounts.InvitationEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class InvitationDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Ada = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly AccountId Ravi = new(Guid.Parse("00000000-0000-7000-8000-00000000000b"));
    private static readonly InvitationId Letter = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly Invited Sent = new(Letter, "ravi@example.org", Ada, Noon.AddDays(14));

    private readonly Specification<InvitationCommand, InvitationState, InvitationEvent> invitation = new(InvitationDecider.Decider, Noon);

    [Fact]
    public void Somebody_is_invited() => invitation.Given().When(new Invite(Letter, "ravi@example.org", Ada)).Then(Sent);

    [Fact]
    public void Whoever_is_invited_accepts_once_with_that_address()
    {
        invitation.Given(Sent).When(new Accept(Ravi, "RAVI@example.org ")).Then(new Accepted(Letter, Ravi));
        invitation.Given(Sent).When(new Accept(Ravi, "other@example.org")).ThenRejected(AccountsRejection.InvitedOther);
        invitation.Given(Sent, new Accepted(Letter, Ravi)).When(new Accept(Ada, "ravi@example.org")).ThenRejected(AccountsRejection.LinkSpent);
    }

    [Fact]
    public void Too_late_or_withdrawn_it_opens_nothing()
    {
        invitation.Given(Sent with { Until = Noon }).When(new Accept(Ravi, "ravi@example.org")).ThenRejected(AccountsRejection.LinkSpent);
        invitation.Given(Sent, new Withdrawn(Letter, Ada)).When(new Accept(Ravi, "ravi@example.org")).ThenRejected(AccountsRejection.LinkSpent);
        invitation.Given(Sent).When(new Withdraw(Ada)).Then(new Withdrawn(Letter, Ada));
        invitation.Given(Sent, new Accepted(Letter, Ravi)).When(new Withdraw(Ada)).ThenRejected(AccountsRejection.InvitationAccepted);
        invitation.Given().When(new Withdraw(Ada)).ThenRejected(AccountsRejection.NoSuchInvitation);
    }
}
