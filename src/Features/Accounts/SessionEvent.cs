namespace EventFiles.Features.Accounts;

/// <summary>What happened to one sign-in. Stored for ever: add cases, never change one. Secrets appear as SHA-256 (hex) only.</summary>
public abstract record SessionEvent
{
    private SessionEvent() { }

    /// <summary>Somebody signed in; without a refresh the session ends at the deadline.</summary>
    /// <param name="FamilyDigest">Of what all refresh tokens of the session have in common; null for web sessions.</param>
    /// <param name="TokenDigest">Of the refresh token's or the cookie's secret.</param>
    /// <param name="Generation">The account's generation of sign-ins that this one belongs to.</param>
    /// <param name="Device">What the client says it is.</param>
    /// <param name="Address">The network address that it came from; null where that was not noted.</param>
    /// <param name="Passkey">What they signed in with; null for a password or whoever vouched for them.</param>
    public sealed record Opened(
        SessionId Session, AccountId Account, SessionKind Kind, [Hidden] string? FamilyDigest, [Hidden] string TokenDigest,
        int Generation, [Personal] string Device, DateTimeOffset Until, [Personal] string? Address = null, PasskeyId? Passkey = null)
        : SessionEvent;

    /// <summary>A refresh token was exchanged for a new one.</summary>
    /// <param name="PresentedDigest">Of the token that was handed in.</param>
    /// <param name="PresentedUntil">Until then it may be handed in once more: the reply may have been lost.</param>
    public sealed record Refreshed(
        SessionId Session, [Hidden] string PresentedDigest, DateTimeOffset PresentedUntil, [Hidden] string TokenDigest,
        DateTimeOffset Until) : SessionEvent;

    public sealed record Ended(SessionId Session, SessionEnd Reason) : SessionEvent;
}

/// <summary>How a session proves itself.</summary>
public enum SessionKind
{
    /// <summary>By short-lived access tokens and a rotating refresh token.</summary>
    Api,

    /// <summary>By a browser's cookie.</summary>
    Web,
}

/// <summary>Why a session ended.</summary>
public enum SessionEnd
{
    /// <summary>Its account wished so.</summary>
    SignedOut,

    /// <summary>Its deadline passed.</summary>
    Expired,

    /// <summary>A spent refresh token was handed in.</summary>
    Reused,

    /// <summary>Another session changed the password or signed all others out.</summary>
    Voided,
}
