namespace EventFiles.Features.Vocabulary;

/// <summary>Pictures that people are shown by, as other slices ask for them. Implemented by the Accounts slice.</summary>
public interface IAvatars
{
    /// <summary>The picture of a person, a WebP; null when there is none.</summary>
    Task<Stream?> Open(AccountId account, CancellationToken cancel);

    /// <summary>Removes every picture that was ever stored of a person; safe to repeat.</summary>
    Task ClearAll(AccountId account, CancellationToken cancel);
}

/// <summary>
/// Whom a person has to do with, and so may see. Each slice that brings people together offers its own; nobody else is
/// ever told of.
/// </summary>
public interface IAcquaintances
{
    /// <summary>All of them, some perhaps more than once.</summary>
    IAsyncEnumerable<Acquaintance> Of(AccountId account, CancellationToken cancel);
}

/// <summary>Somebody whom a person has to do with.</summary>
/// <param name="Account">Null for who was named by an address: whether that is anybody's is told to nobody.</param>
/// <param name="Email">That address as the person typed it; null for an account.</param>
public sealed record Acquaintance(AccountId? Account, string? Email);
