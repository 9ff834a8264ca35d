namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Reads and verifies what authenticators say (W3C Web Authentication, level 3): for this server's own pages, with the
/// person verified by the authenticator. Knows nothing of accounts, and keeps nothing.
/// </summary>
public interface IPasskeys
{
    /// <summary>The domain that passkeys are made for and work at: the standard's RP ID.</summary>
    string Domain { get; }

    /// <summary>The kinds of keys that are taken, by their COSE numbers, the best first.</summary>
    IReadOnlyList<int> Algorithms { get; }

    /// <summary>What an authenticator says of a passkey that it has made. All are base64url, as browsers give them.</summary>
    /// <param name="credential">What it calls the passkey.</param>
    /// <returns>Null when it cannot be read.</returns>
    ICreatedPasskey? ReadCreated(string credential, string clientData, string attestation);

    /// <summary>What an authenticator says with a passkey. All are base64url, as browsers give them.</summary>
    /// <param name="credential">What it calls the passkey.</param>
    /// <returns>Null when it cannot be read.</returns>
    IUsedPasskey? ReadUsed(string credential, string clientData, string authenticatorData, string signature);
}

/// <summary>An authenticator says that it has made a passkey. Nothing of it is proved.</summary>
public interface ICreatedPasskey
{
    /// <summary>What it answers to, base64url.</summary>
    string Challenge { get; }

    /// <summary>
    /// The new passkey, when it was made on a page of this server, for its domain, with a kind of key that is taken, and the
    /// authenticator has verified the person.
    /// </summary>
    /// <returns>Null when not.</returns>
    Task<NewPasskey?> Prove(CancellationToken cancel);
}

/// <summary>An authenticator says that somebody signs in with a passkey. Nothing of it is proved.</summary>
public interface IUsedPasskey
{
    /// <summary>What it answers to, base64url.</summary>
    string Challenge { get; }

    /// <summary>How often the passkey was used, as the authenticator counts; 0 where it does not count.</summary>
    long Uses { get; }

    /// <summary>
    /// Whether it was said on a page of this server, for its domain, with the person verified by the authenticator, and
    /// signed with the passkey whose public key this is. Does not look at <see cref="Uses"/>.
    /// </summary>
    /// <param name="publicKey">As <see cref="NewPasskey.PublicKey"/>; null for a passkey that nobody knows: false, after the same steps.</param>
    Task<bool> IsProvedBy(string? publicKey, CancellationToken cancel);
}

/// <summary>A passkey that an authenticator has made.</summary>
/// <param name="Credential">What the authenticator calls it, base64url.</param>
/// <param name="PublicKey">A COSE key, base64url.</param>
/// <param name="Uses">How often it was used, as the authenticator counts; 0 where it does not count.</param>
/// <param name="IsSynced">Whether its owner may have it on several devices.</param>
public sealed record NewPasskey(string Credential, string PublicKey, long Uses, bool IsSynced);
