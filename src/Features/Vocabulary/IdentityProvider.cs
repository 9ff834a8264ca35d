namespace EventFiles.Features.Vocabulary;

/// <summary>Another server that people sign in at, and that vouches for them (OpenID Connect).</summary>
public interface IIdentityProvider
{
    /// <summary>As people know it; null when there is none.</summary>
    string? Name { get; }

    /// <summary>Where to send a browser, and what its errand is.</summary>
    /// <exception cref="TransientException">The provider does not answer.</exception>
    Task<(Uri Address, ProviderErrand Errand)> Begin(CancellationToken cancel);

    /// <summary>Whom the provider vouches for, now that the browser has come back with a code.</summary>
    /// <returns>Null when what the provider says is not good.</returns>
    /// <exception cref="TransientException">The provider does not answer.</exception>
    Task<ProvedIdentity?> Prove(string code, ProviderErrand errand, CancellationToken cancel);
}

/// <summary>What this server has to know again when a browser comes back from its errand.</summary>
/// <param name="State">Comes back with the browser: the errand is this one's.</param>
/// <param name="Nonce">Comes back in the provider's token: it was made for this errand.</param>
/// <param name="Verifier">Goes to the provider with the code: who exchanges it has sent the browser.</param>
public sealed record ProviderErrand(string State, string Nonce, string Verifier);

/// <summary>Whom a provider vouches for.</summary>
/// <param name="Issuer">The provider, by its own name for itself.</param>
/// <param name="Subject">The person, by the provider's name for them: never another's.</param>
/// <param name="Email">Null when it does not tell.</param>
/// <param name="IsEmailVerified">Whether the provider says that mail to it was read.</param>
public sealed record ProvedIdentity(string Issuer, string Subject, string? Email, bool IsEmailVerified, string? Name);
