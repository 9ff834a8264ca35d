namespace EventFiles.Features.Accounts;

/// <summary>The end of an account, as the slice asks for it that erases people.</summary>
internal sealed class AccountEnding(IStreams streams, IPasswords passwords, SignInThrottle throttle) : IAccountEnd
{
    public async Task<Rejection?> Confirm(AccountId account, string password, string address, CancellationToken cancel)
    {
        var holder = AccountsDecider.HolderOf(account);
        if (await throttle.Begin(holder, address, cancel) is { } wait)
            return ConfirmationRejection.TooMany with { RetryAfter = wait.RetryAfter };
        switch (await passwords.Verify(holder, password, cancel))
        {
            case Answer<bool>.No(var busy):
                await throttle.Withdraw(holder, address);
                return ConfirmationRejection.TooMany with { RetryAfter = busy.RetryAfter };
            case Answer<bool>.Yes(false, _):
                return ConfirmationRejection.WrongPassword;
            default:
                await throttle.Succeeded(holder, address);
                return null;
        }
    }

    public async Task<bool> IsAdministrator(AccountId account, CancellationToken cancel) =>
        (await streams.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider, cancel)).IsAdministrator;

    public Task<Rejection?> Close(ITransaction transaction, AccountId account) =>
        transaction.Decide(AccountsDecider.StreamOf(account), AccountsDecider.Decider, new AccountsCommand.Close());
}
