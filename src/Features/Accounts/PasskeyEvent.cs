namespace EventFiles.Features.Accounts;

/// <summary>
/// What happened to an account's passkeys (Web Authentication). Stored for ever: add cases, never change one. A passkey's
/// secret never leaves the authenticator; what the authenticator calls it and its public key mark a person.
/// </summary>
public abstract record PasskeyEvent
{
    private PasskeyEvent() { }

    /// <summary>Whoever has it signs in to the account.</summary>
    /// <param name="Name">In words of whoever has it.</param>
    /// <param name="Credential">What the authenticator calls it, base64url.</param>
    /// <param name="PublicKey">A COSE key, base64url.</param>
    /// <param name="Uses">How often it was used, as the authenticator counts.</param>
    /// <param name="IsSynced">Whether its owner may have it on several devices.</param>
    /// <param name="ChallengeDigest">Of what the authenticator answered to: that is spent.</param>
    /// <param name="ChallengeUntil">From then on it would be good for nothing anyway.</param>
    public sealed record Added(
        PasskeyId Passkey, AccountId Account, [Personal] string Name, [Personal] string Credential, [Personal] string PublicKey,
        long Uses, bool IsSynced, [Hidden] string ChallengeDigest, DateTimeOffset ChallengeUntil) : PasskeyEvent;

    /// <summary>Somebody signed in with it.</summary>
    /// <param name="Uses">How often it was used, as the authenticator counts.</param>
    /// <param name="ChallengeDigest">Of what the authenticator answered to: that is spent.</param>
    /// <param name="ChallengeUntil">From then on it would be good for nothing anyway.</param>
    public sealed record Used(
        PasskeyId Passkey, AccountId Account, long Uses, [Hidden] string ChallengeDigest, DateTimeOffset ChallengeUntil) : PasskeyEvent;

    /// <summary>Somebody had it and was not let in: by its count it was used before. There may be a copy of it.</summary>
    /// <param name="Uses">How often it was used, as that authenticator counts.</param>
    /// <param name="Known">How often it was used, as we knew.</param>
    public sealed record Suspected(PasskeyId Passkey, AccountId Account, long Uses, long Known) : PasskeyEvent;

    public sealed record Renamed(PasskeyId Passkey, AccountId Account, [Personal] string Name) : PasskeyEvent;

    /// <summary>It opens nothing any more.</summary>
    public sealed record Removed(PasskeyId Passkey, AccountId Account) : PasskeyEvent;
}
