namespace EventFiles.Features.Accounts;

public abstract record SessionCommand
{
    private SessionCommand() { }

    public sealed record Open(
        SessionId Session, AccountId Account, SessionKind Kind, string? FamilyDigest, string TokenDigest, int Generation,
        string Device, string? Address = null, PasskeyId? Passkey = null) : SessionCommand;

    public sealed record Refresh(string FamilyDigest, string PresentedDigest, string NextDigest) : SessionCommand;

    public sealed record End(SessionEnd Reason) : SessionCommand;
}
