namespace EventFiles.Features.Accounts;

/// <summary>
/// What happened to an account's second factor: codes by time (RFC 6238). Stored for ever: add cases, never change one.
/// The secret is sealed; recovery codes appear as SHA-256 (hex) only.
/// </summary>
public abstract record FactorEvent
{
    private FactorEvent() { }

    /// <summary>An authenticator was given a secret; it counts when it has shown a code.</summary>
    public sealed record Prepared(AccountId Account, [Personal, Hidden] string Secret) : FactorEvent;

    /// <summary>It has: from now on signing in needs codes.</summary>
    /// <param name="Step">The code's half minute since 1970: it and those before it are used.</param>
    public sealed record Confirmed(
        AccountId Account, long Step, [property: Hidden] IReadOnlyList<string> RecoveryDigests) : FactorEvent;

    /// <summary>Somebody signed in with the code of that half minute: it and those before it are used.</summary>
    public sealed record CodeUsed(AccountId Account, long Step) : FactorEvent;

    /// <summary>Somebody signed in with a recovery code: it is used.</summary>
    public sealed record RecoveryCodeUsed(AccountId Account, [Hidden] string Digest) : FactorEvent;

    /// <summary>Signing in needs the password alone again.</summary>
    /// <param name="By">The account itself, or an administrator.</param>
    public sealed record Removed(AccountId Account, AccountId By) : FactorEvent;
}
