namespace EventFiles.Features.Accounts;

public abstract record InvitationCommand
{
    private InvitationCommand() { }

    public sealed record Invite(InvitationId Invitation, string Email, AccountId By) : InvitationCommand;

    /// <summary>Somebody opens the account that it is for.</summary>
    public sealed record Accept(AccountId Account, string Email) : InvitationCommand;

    public sealed record Withdraw(AccountId By) : InvitationCommand;
}
