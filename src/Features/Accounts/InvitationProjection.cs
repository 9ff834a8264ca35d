using static EventFiles.Features.Accounts.InvitationEvent;

namespace EventFiles.Features.Accounts;

/// <summary>An invitation that nobody has accepted or withdrawn.</summary>
/// <param name="Id">The invitation's id; opens nothing.</param>
/// <param name="Email">Whom it is for.</param>
/// <param name="By">The administrator who invited.</param>
/// <param name="InvitedAt">When.</param>
/// <param name="ExpiresAt">From then on its link opens nothing.</param>
public sealed record InvitationView(
    InvitationId Id, string Email, AccountId By, DateTimeOffset InvitedAt, DateTimeOffset ExpiresAt);

internal static class InvitationProjection
{
    /// <summary>All of them, by the time they were made.</summary>
    public const string All = "invitations";

    /// <summary>By invitation id.</summary>
    public static Projection<InvitationView> Define() => new Projection<InvitationView>("invitations")
        .On<Invited>(fact => fact.Invitation.ToString(), (_, fact, happened) =>
            new InvitationView(fact.Invitation, fact.Email, fact.By, happened.At, fact.Until))
        .On<Accepted>(fact => fact.Invitation.ToString(), (_, _, _) => null)
        .On<Withdrawn>(fact => fact.Invitation.ToString(), (_, _, _) => null)
        .Indexed(view => [new IndexEntry(All, IndexEntry.Time(view.InvitedAt))]);
}
