namespace EventFiles.Features.Accounts;

/// <summary>What became of an invitation to open an account. Stored for ever: add cases, never change one.</summary>
public abstract record InvitationEvent
{
    private InvitationEvent() { }

    /// <summary>Whoever reads mail to that address may open an account with it.</summary>
    /// <param name="By">The administrator, or who shared something with that address.</param>
    /// <param name="Until">From then on its link opens nothing.</param>
    public sealed record Invited(InvitationId Invitation, [Personal(Of = PersonalOf.Another)] string Email, AccountId By, DateTimeOffset Until) : InvitationEvent;

    /// <summary>The account was opened.</summary>
    public sealed record Accepted(InvitationId Invitation, AccountId Account) : InvitationEvent;

    /// <summary>Its link opens nothing any more.</summary>
    /// <param name="By">The administrator.</param>
    public sealed record Withdrawn(InvitationId Invitation, AccountId By) : InvitationEvent;
}
