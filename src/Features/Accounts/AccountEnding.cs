namespace EventFiles.Features.Accounts;

/// <summary>The end of an account, as the slice asks for it that erases people.</summary>
internal sealed class AccountEnding(IStreams streams, IPasswords passwords, SignInThrottle throttle) : IAccountEnd
{
    public async Task<Rejection?> Confirm(AccountId account, string password, string address, CancellationToken cancel) =>
        await throttle.Check(passwords, AccountsDecider.HolderOf(account), password, address, cancel) switch
        {
            null => null,
            { Code: var code } when code == AccountsRejection.WrongPassword.Code => ConfirmationRejection.WrongPassword,
            var no => ConfirmationRejection.TooMany with { RetryAfter = no.RetryAfter },
        };

    public async Task<bool> IsAdministrator(AccountId account, CancellationToken cancel) =>
        (await streams.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider, cancel)).IsAdministrator;

    public async Task<Rejection?> Close(ITransaction transaction, AccountId account) =>
        await transaction.Decide(AccountsDecider.StreamOf(account), AccountsDecider.Decider, new AccountsCommand.Close())
            ?? await transaction.Decide(PasskeyDecider.StreamOf(account), PasskeyDecider.Decider, new PasskeyCommand.RemoveAll());
}
