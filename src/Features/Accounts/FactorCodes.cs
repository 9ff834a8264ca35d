using System.Security.Cryptography;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>
/// Takes codes of second factors. Failures count for an account from one network address and, generously, for the account
/// from anywhere: whoever gets this far knows the password, so nobody else can use the limit up.
/// </summary>
internal sealed class FactorCodes(ITries tries, ISeals seals)
{
    public const int PerAddress = 5;
    public const int PerAccount = 50;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan AccountWindow = TimeSpan.FromHours(1);

    private const int RecoveryCodes = 10;
    private const string Any = "any address";

    /// <summary>Counts a try as failed from its beginning.</summary>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public async Task<Rejection?> Begin(AccountId account, string address, CancellationToken cancel) =>
        await tries.Take(
            Of(account), [new TryLimit(address, PerAddress, Window), new TryLimit(Any, PerAccount, AccountWindow)], cancel) is { } wait
            ? No.TooManyAttempts with { RetryAfter = wait }
            : null;

    /// <summary>The code was right: it was no failure.</summary>
    public async Task Succeeded(AccountId account, string address)
    {
        await tries.Forget(Of(account), address);
        await tries.GiveBack(Of(account), Any);
    }

    /// <summary>Uses a code up, of the authenticator or for recovery, in the transaction that it opens something in.</summary>
    /// <returns>Why not, or null.</returns>
    public async Task<Rejection?> Use(ITransaction transaction, AccountId account, string? code)
    {
        if (code is null)
            return No.CodeNeeded;
        var stream = FactorDecider.StreamOf(account);
        var factor = await transaction.Load(stream, FactorDecider.Decider);
        FactorCommand use = Match(factor.Secret, code, transaction.Now) is { } step
            ? new FactorCommand.UseCode(step)
            : new FactorCommand.UseRecoveryCode(SessionSecret.Digest(Plain(code)));
        return await transaction.Decide(stream, FactorDecider.Decider, use);
    }

    /// <summary>The half minute whose code this is; null when the secret is another, or cannot be opened any more.</summary>
    /// <param name="sealedSecret">As the log has it.</param>
    public long? Match(string? sealedSecret, string code, DateTimeOffset now) =>
        sealedSecret is not null && seals.Open("totp", sealedSecret) is { } secret
            ? Totp.Match(Convert.FromHexString(secret), code, now)
            : null;

    /// <summary>A new secret: as the log has it, and as an app takes it.</summary>
    public (string Sealed, string Letters) NewSecret()
    {
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        return (seals.Seal("totp", Convert.ToHexString(secret)), Totp.Letters(secret));
    }

    /// <summary>80 random bits each, in groups of four.</summary>
    public static IReadOnlyList<string> NewRecoveryCodes() => [.. Enumerable.Range(0, RecoveryCodes)
        .Select(_ => string.Join('-', Totp.Letters(RandomNumberGenerator.GetBytes(10)).ToLowerInvariant().Chunk(4).Select(part => new string(part))))];

    /// <summary>However somebody has typed it.</summary>
    public static string Plain(string code) =>
        new([.. code.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static string Of(AccountId account) => $"codes of {account}";
}
