namespace EventFiles.Features.Accounts;

/// <summary>
/// What stands in the link of a letter or an invitation: its id and whose it is, sealed. It is kept nowhere; whoever reads
/// the log or the queue learns ids, and of these nobody else can make it.
/// </summary>
internal static class LetterToken
{
    /// <summary>Longer texts are refused unread.</summary>
    public const int MaxLength = 1024;

    public static string Of(ISeals seals, AccountId account, LetterId letter) =>
        seals.Seal("letter", $"{account.Value:n}{letter.Value:n}");

    public static string Of(ISeals seals, AccountId inviter, InvitationId invitation) =>
        seals.Seal("invitation", $"{inviter.Value:n}{invitation.Value:n}");

    /// <summary>Null when it is not one of ours.</summary>
    public static (AccountId Account, LetterId Letter)? Letter(ISeals seals, string token) =>
        Open(seals, "letter", token) is var (account, letter) ? (new(account), new(letter)) : null;

    /// <summary>Null when it is not one of ours.</summary>
    public static (AccountId Inviter, InvitationId Invitation)? Invitation(ISeals seals, string token) =>
        Open(seals, "invitation", token) is var (inviter, invitation) ? (new(inviter), new(invitation)) : null;

    private static (Guid Whose, Guid What)? Open(ISeals seals, string purpose, string token) =>
        seals.Open(purpose, token) is { Length: 64 } ids
            ? (Guid.ParseExact(ids.AsSpan(0, 32), "N"), Guid.ParseExact(ids.AsSpan(32), "N"))
            : null;
}
