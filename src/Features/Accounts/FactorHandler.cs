using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that sets up a second factor or takes it away.</summary>
internal sealed class FactorHandler(
    IStreams streams, IPasswords passwords, SignInThrottle throttle, FactorCodes codes, IQrCodes pictures, TimeProvider clock) :
    IRequestHandler<PrepareFactor, Answer<PreparedFactor>>,
    IRequestHandler<ConfirmFactor, Answer<RecoveryCodes>>,
    IRequestHandler<RemoveFactor, Answer<Done>>,
    IRequestHandler<TakeFactor, Answer<Done>>
{
    public async Task<Answer<PreparedFactor>> Handle(PrepareFactor ask, CancellationToken cancellationToken)
    {
        var who = ask.By.Account;
        if (await throttle.Check(passwords, AccountsDecider.HolderOf(who), ask.Password, ask.Address, cancellationToken) is { } no)
            return no;
        if (await IsKeptOut(ask.By, cancellationToken))
            return No.PasskeyNeeded;
        var account = await streams.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider, cancellationToken);
        var (secret, letters) = codes.NewSecret();
        var answer = await Decide(who, new FactorCommand.Prepare(who, secret), cancellationToken);
        var uri = $"otpauth://totp/EventFiles:{Uri.EscapeDataString(account.Email)}?secret={letters}&issuer=EventFiles";
        return answer.Map(_ => new PreparedFactor(letters, uri, pictures.Draw(uri)));
    }

    public async Task<Answer<RecoveryCodes>> Handle(ConfirmFactor ask, CancellationToken cancellationToken)
    {
        var who = ask.By.Account;
        if (await IsKeptOut(ask.By, cancellationToken))
            return No.PasskeyNeeded;
        if (await codes.Begin(who, ask.Address, cancellationToken) is { } wait)
            return wait;
        var factor = await streams.Load(FactorDecider.StreamOf(who), FactorDecider.Decider, cancellationToken);
        if (factor.Prepared is null)
            return factor.Secret is null ? No.NoFactor : No.FactorIsOn;
        if (codes.Match(factor.Prepared, ask.Code, clock.GetUtcNow()) is not { } step)
            return No.CodeIsWrong;
        var recovery = FactorCodes.NewRecoveryCodes();
        var confirm = new FactorCommand.Confirm(step, [.. recovery.Select(code => SessionSecret.Digest(FactorCodes.Plain(code)))]);
        var answer = await streams.Transact<RecoveryCodes>(async transaction =>
        {
            // Another secret may have been prepared meanwhile, which this code is not of.
            if ((await transaction.Load(FactorDecider.StreamOf(who), FactorDecider.Decider)).Prepared != factor.Prepared)
                return No.CodeIsWrong;
            return (await transaction.Decide(FactorDecider.StreamOf(who), FactorDecider.Decider, confirm)
                ?? await Switch(transaction, who, true, who)) is { } no
                ? no.Code == No.WrongCode.Code ? No.CodeIsWrong : no
                : new RecoveryCodes(recovery);
        }, cancellationToken);
        if (answer.Refusal is null)
            await codes.Succeeded(who, ask.Address);
        return answer;
    }

    private async Task<bool> IsKeptOut(Caller by, CancellationToken cancel) =>
        by.NeedsSecondFactor
        && PasskeyHandler.IsKeptOut(by, await streams.Load(PasskeyDecider.StreamOf(by.Account), PasskeyDecider.Decider, cancel));

    public async Task<Answer<Done>> Handle(RemoveFactor ask, CancellationToken cancellationToken) =>
        await throttle.Check(
            passwords, AccountsDecider.HolderOf(ask.By.Account), ask.Password, ask.Address, cancellationToken) is { } no
            ? no
            : await Remove(ask.By.Account, ask.By.Account, cancellationToken);

    public async Task<Answer<Done>> Handle(TakeFactor ask, CancellationToken cancellationToken) =>
        !ask.By.IsAdministrator ? No.AdministratorsOnly
        // One's own is removed with the password.
        : ask.Account == ask.By.Account ? No.NotYourself
        : await Remove(ask.Account, ask.By.Account, cancellationToken);

    private Task<Answer<Done>> Remove(AccountId account, AccountId by, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
            (await Switch(transaction, account, false, by)
                ?? await transaction.Decide(
                    FactorDecider.StreamOf(account), FactorDecider.Decider, new FactorCommand.Remove(by))) is { } no
                ? no
                : default(Done), cancel);

    private Task<Answer<Done>> Decide(AccountId account, FactorCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction => await transaction.Decide(
            FactorDecider.StreamOf(account), FactorDecider.Decider, command) is { } no ? no : default(Done), cancel);

    private static Task<Rejection?> Switch(ITransaction transaction, AccountId account, bool isOn, AccountId by) =>
        transaction.Decide(
            AccountsDecider.StreamOf(account), AccountsDecider.Decider, new AccountsCommand.SwitchFactor(isOn, by));
}
