using System.Diagnostics;
using static EventFiles.Features.Accounts.InvitationCommand;
using static EventFiles.Features.Accounts.InvitationEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>One invitation.</summary>
/// <param name="Id">Null while nobody was invited.</param>
/// <param name="Account">Who accepted it.</param>
public sealed record InvitationState(InvitationId? Id, string Email, DateTimeOffset Until, AccountId? Account, bool IsWithdrawn)
{
    public bool IsOpen(DateTimeOffset now) => Id is not null && Account is null && !IsWithdrawn && now < Until;
}

public static class InvitationDecider
{
    /// <summary>How long an invitation stands.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(14);

    public static readonly Decider<InvitationCommand, InvitationState, InvitationEvent> Decider = new(
        new InvitationState(null, "", default, null, false), Evolve, Decide);

    /// <summary>An invitation is its inviter's.</summary>
    public static StreamId StreamOf(InvitationId invitation, AccountId inviter) => new($"invitation-{invitation}", inviter);

    // Read from the top: the first row that matches is the rule.
    private static Decision<InvitationEvent> Decide(InvitationState invitation, InvitationCommand ask, DateTimeOffset now) => ask switch
    {
        Invite when invitation.Id is not null => Decision<InvitationEvent>.AlreadySo,
        Invite invite => new Invited(invite.Invitation, invite.Email, invite.By, now + Life),

        _ when invitation.Id is null => No.NoSuchInvitation,

        Accept accept when accept.Account == invitation.Account => Decision<InvitationEvent>.AlreadySo,
        Accept when !invitation.IsOpen(now) => No.LinkSpent,
        // It proves that mail to this address was read, and to no other.
        Accept accept when EmailAddress.Key(accept.Email) != EmailAddress.Key(invitation.Email) => No.InvitedOther,
        Accept accept => new Accepted(invitation.Id.Value, accept.Account),

        Withdraw when invitation.IsWithdrawn => Decision<InvitationEvent>.AlreadySo,
        Withdraw when invitation.Account is not null => No.InvitationAccepted,
        Withdraw withdraw => new Withdrawn(invitation.Id.Value, withdraw.By),

        _ => throw new UnreachableException(),
    };

    private static InvitationState Evolve(InvitationState invitation, InvitationEvent happened) => happened switch
    {
        Invited invited => new InvitationState(invited.Invitation, invited.Email, invited.Until, null, false),
        Accepted accepted => invitation with { Account = accepted.Account },
        Withdrawn => invitation with { IsWithdrawn = true },
        _ => throw new UnreachableException(),
    };
}
