using System.Globalization;

namespace EventFiles.Features.Accounts;

/// <summary>
/// What an authenticator answers to: sealed by this server, for one purpose and one account, good for five minutes. It is
/// carried by whoever asked for it and kept nowhere; that it was answered is kept with the passkey.
/// </summary>
/// <param name="Digest">SHA-256, lower-case hex.</param>
/// <param name="Until">From then on it is good for nothing.</param>
public sealed record Challenge(string Digest, DateTimeOffset Until)
{
    /// <summary>Of the account when it was made: whoever signed all out since then meant this, too. 0 for whoever signs in.</summary>
    public int Generation { get; init; }

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private const string SignIn = "passkey to sign in";
    private const string Register = "passkey to register";
    private const string Anybody = "anybody";

    /// <summary>A new one, in the URL's alphabet, which browsers read as base64url.</summary>
    /// <param name="account">Who registers a passkey; null for whoever signs in.</param>
    /// <param name="generation">Of the account.</param>
    internal static string New(ISeals seals, AccountId? account, DateTimeOffset now, int generation = 0) => seals.Seal(
        account is null ? SignIn : Register,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{account?.ToString() ?? Anybody} {(now + Life).ToUnixTimeMilliseconds()} {generation} {SessionSecret.New()}"));

    /// <summary>Null when it is none of ours, was made for something or somebody else, or is over.</summary>
    internal static Challenge? Read(ISeals seals, string challenge, AccountId? account, DateTimeOffset now) =>
        seals.Open(account is null ? SignIn : Register, challenge)?.Split(' ') is [var who, var until, var generation, _]
        && who == (account?.ToString() ?? Anybody)
        && DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(until, CultureInfo.InvariantCulture)) is var end
        && now < end
            ? new Challenge(SessionSecret.Digest(challenge), end) { Generation = int.Parse(generation, CultureInfo.InvariantCulture) }
            : null;
}
