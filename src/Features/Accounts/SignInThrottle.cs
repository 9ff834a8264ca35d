namespace EventFiles.Features.Accounts;

/// <summary>
/// Slows down guessing. Failures count for an account together with the address they come from, so that nobody can lock
/// another out from elsewhere; and, far more generously, for an address alone.
/// </summary>
internal sealed class SignInThrottle(ITries tries)
{
    public const int PerAccountAndAddress = 10;
    public const int PerAddress = 300;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // No account's key is the same.
    private const string Any = "any account";

    /// <summary>
    /// Counts an attempt as failed from its beginning, so that many at once cannot slip through; see
    /// <see cref="Succeeded"/> and <see cref="Withdraw"/>.
    /// </summary>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public async Task<Rejection?> Begin(string account, string address, CancellationToken cancel) =>
        await tries.Take(
            From(address),
            [new TryLimit(To(account), PerAccountAndAddress, Window), new TryLimit(Any, PerAddress, Window)],
            cancel) is { } wait
            ? AccountsRejection.TooManyAttempts with { RetryAfter = wait }
            : null;

    /// <summary>The password was right: earlier mistakes are forgiven, for this account from this address.</summary>
    public async Task Succeeded(string account, string address)
    {
        await tries.Forget(From(address), To(account));
        await tries.GiveBack(From(address), Any);
    }

    /// <summary>The attempt was never decided.</summary>
    public Task Withdraw(string account, string address) => tries.GiveBack(From(address), To(account), Any);

    /// <summary>Whether somebody who is signed in knows the account's password.</summary>
    /// <param name="holder">Whose password it is.</param>
    /// <returns>Why not, or null.</returns>
    public async Task<Rejection?> Check(
        IPasswords passwords, string holder, string password, string address, CancellationToken cancel)
    {
        if (await Begin(holder, address, cancel) is { } wait)
            return wait;
        switch (await passwords.Verify(holder, password, cancel))
        {
            case Answer<bool>.No(var busy):
                await Withdraw(holder, address);
                return busy;
            case Answer<bool>.Yes(false, _):
                return AccountsRejection.WrongPassword;
            default:
                await Succeeded(holder, address);
                return null;
        }
    }

    private static string From(string address) => $"sign-in from {address}";

    private static string To(string account) => $"account {account}";
}
