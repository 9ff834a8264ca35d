namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Keeps password hashes where no event, log or reader sees them. Hashing is bounded: when too much of it is wanted at
/// once the answer is a refusal of kind <see cref="RejectionKind.Busy"/>, quickly.
/// </summary>
public interface IPasswords
{
    /// <summary>Sets or replaces the password of <paramref name="holder"/> (<c>account-0197…</c>, <c>link-0197…</c>).</summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Set(string holder, string password, CancellationToken cancel);

    /// <summary>
    /// Whether this is the holder's password. Takes as long for a holder without one, or for null, as for a real one;
    /// renews hashes of an older kind on the way.
    /// </summary>
    Task<Answer<bool>> Verify(string? holder, string password, CancellationToken cancel);

    /// <summary>The password of <paramref name="from"/> becomes the holder's, and nobody else's any more.</summary>
    /// <returns>Whether <paramref name="from"/> had one.</returns>
    Task<bool> Take(string holder, string from, CancellationToken cancel);

    /// <summary>Forgets it.</summary>
    Task Remove(string holder, CancellationToken cancel);
}

/// <summary>Issues the short-lived tokens that API clients send.</summary>
public interface IAccessTokens
{
    /// <summary>A signed token for one session, good for <paramref name="life"/>.</summary>
    string Issue(Caller caller, TimeSpan life);
}
