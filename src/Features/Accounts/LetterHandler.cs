using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that asks for letters and follows their links.</summary>
internal sealed class LetterHandler(
    IStreams streams, IPasswords passwords, ISeals seals, SessionRecognition recognition, SignInThrottle throttle,
    LetterThrottle letters, AccountsOptions options, TimeProvider clock) :
    IRequestHandler<AskConfirmation, Answer<Done>>,
    IRequestHandler<AskAddress, Answer<Done>>,
    IRequestHandler<ProveAddress, Answer<Done>>,
    IRequestHandler<AskReset, Answer<Done>>,
    IRequestHandler<ResetMyPassword, Answer<Done>>
{
    /// <summary>
    /// No answer to who has forgotten a password comes sooner, so that a letter that is written down takes as long as none.
    /// </summary>
    public static readonly TimeSpan ResetTakes = TimeSpan.FromMilliseconds(300);

    public async Task<Answer<Done>> Handle(AskConfirmation ask, CancellationToken cancellationToken)
    {
        if (await recognition.Account(ask.By.Account, cancellationToken) is not { } account)
            return No.NoSuchAccount;
        if (account.IsConfirmed)
            return default(Done);
        if (await letters.Take(account.Email, ask.By.Account.ToString(), cancellationToken) is { } wait)
            return wait;
        return await Ask(account.Id, LetterKind.ConfirmAddress, account.Email, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(AskAddress ask, CancellationToken cancellationToken)
    {
        var (by, holder) = (ask.By.Account, AccountsDecider.HolderOf(ask.By.Account));
        if (await throttle.Check(passwords, holder, ask.Password, ask.Address, cancellationToken) is { } no)
            return no;
        if (await letters.TakeFrom(ask.Address, cancellationToken) is { } pause)
            return pause;
        if (await letters.Take(ask.Email, by.ToString(), cancellationToken) is { } wait)
            return wait;
        // Whether somebody has it already shows when the link is followed, to whoever reads that mailbox and nobody else.
        return await Ask(by, LetterKind.ChangeAddress, ask.Email.Trim(), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(ProveAddress ask, CancellationToken cancellationToken)
    {
        if (LetterToken.Letter(seals, ask.Token) is not var (who, id))
            return No.LinkSpent;
        Origin.Current = Origin.Current with { Actor = who };
        return await streams.Transact<Done>(async transaction =>
        {
            var account = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            var letter = (await transaction.Load(LetterDecider.StreamOf(who), LetterDecider.Decider)).Find(id, transaction.Now);
            AccountsCommand? prove = letter switch
            {
                { Kind: LetterKind.ConfirmAddress } when letter.To == account.Email => new AccountsCommand.ConfirmAddress(id),
                // Whoever asked for it may have been signed out since, because they were not who they said.
                { Kind: LetterKind.ChangeAddress } when letter.Generation == account.Generation => new AccountsCommand.ChangeAddress(id, letter.To),
                _ => null,
            };
            if (prove is null || account.IsDisabled)
                return No.LinkSpent;
            return (await Redeem(transaction, who, id)
                ?? await transaction.Decide(AccountsDecider.StreamOf(who), AccountsDecider.Decider, prove)) is { } no
                ? no
                : default(Done);
        }, cancellationToken);
    }

    // The same answer after the same time, whether or not somebody has the address, and without the position that an event
    // would have.
    public async Task<Answer<Done>> Handle(AskReset ask, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        if (await letters.TakeFrom(ask.Address, cancellationToken) is { } wait)
            return wait;
        var who = await AccountsClaims.AccountOf(streams, ask.Email, cancellationToken);
        var mayBeSent = await letters.Take(ask.Email, LetterThrottle.Anybody, cancellationToken) is null;
        var account = await streams.Load(
            AccountsDecider.StreamOf(who ?? SessionHandler.Nobody), AccountsDecider.Decider, cancellationToken);
        if (mayBeSent && account is { Id: { } id, IsDisabled: false, IsService: false })
            await Ask(id, LetterKind.ResetPassword, account.Email, CancellationToken.None);
        var left = ResetTakes - clock.GetElapsedTime(since);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, clock, cancellationToken);
        return default(Done);
    }

    // The new password is kept under the letter's name first: when there is no room to hash it now, the link stays good.
    // Sessions are voided before it holds and after, as when a password is changed.
    public async Task<Answer<Done>> Handle(ResetMyPassword ask, CancellationToken cancellationToken)
    {
        if (LetterToken.Letter(seals, ask.Token) is not var (who, id))
            return No.LinkSpent;
        var letter = await streams.Load(LetterDecider.StreamOf(who), LetterDecider.Decider, cancellationToken);
        var account = await streams.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider, cancellationToken);
        if (letter.Find(id, clock.GetUtcNow())?.Kind != LetterKind.ResetPassword)
            return No.LinkSpent;
        if (PasswordRule.IsGuessable(ask.NewPassword, account.Email))
            return No.WeakPassword;
        var drafted = $"letter-{id}-{Guid.NewGuid():n}";
        if (await passwords.Set(drafted, ask.NewPassword, cancellationToken) is { } busy)
            return busy;

        Origin.Current = Origin.Current with { Actor = who };
        var redeemed = await streams.Transact<Done>(async transaction =>
        {
            var now = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            var open = (await transaction.Load(LetterDecider.StreamOf(who), LetterDecider.Decider)).Find(id, transaction.Now);
            if (open is not { Kind: LetterKind.ResetPassword } || open.To != now.Email || now.IsDisabled)
                return No.LinkSpent;
            return (await Redeem(transaction, who, id)
                ?? await transaction.Decide(
                    AccountsDecider.StreamOf(who), AccountsDecider.Decider, new AccountsCommand.SignOutOthers(default))) is { } no
                ? no
                : default(Done);
        }, cancellationToken);
        if (redeemed.Refusal is not null)
        {
            await passwords.Remove(drafted, CancellationToken.None);
            return redeemed;
        }

        await passwords.Take(AccountsDecider.HolderOf(who), drafted, CancellationToken.None);
        // Whatever another has made to come in again goes with it, as the tokens of programs do. Where a second factor is asked
        // for, passkeys stay, as codes do: who reads the mail has not got that.
        return await streams.Transact<Done>(async transaction =>
        {
            var account = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            return (await transaction.Decide(AccountsDecider.StreamOf(who), AccountsDecider.Decider, new AccountsCommand.ResetPassword(id))
                ?? (options.Requires(account.IsAdministrator) ? null
                    : await transaction.Decide(PasskeyDecider.StreamOf(who), PasskeyDecider.Decider, new PasskeyCommand.RemoveAll()))) is { } no
                ? no
                : default(Done);
        }, CancellationToken.None);
    }

    private static Task<Rejection?> Redeem(ITransaction transaction, AccountId who, LetterId letter) =>
        transaction.Decide(LetterDecider.StreamOf(who), LetterDecider.Decider, new LetterCommand.Redeem(letter));

    private Task<Answer<Done>> Ask(AccountId account, LetterKind kind, string to, CancellationToken cancel)
    {
        if (!options.SendsMail && kind != LetterKind.ResetPassword && options.SignUp != SignUpRule.Verified)
            return Task.FromResult<Answer<Done>>(No.MailIsOff);
        var letter = NewId.Of<LetterId>(clock);
        return streams.Transact<Done>(async transaction =>
        {
            var now = await transaction.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider);
            var ask = new LetterCommand.Ask(letter, account, kind, to, now.Generation);
            return await transaction.Decide(LetterDecider.StreamOf(account), LetterDecider.Decider, ask) is { } no ? no : default(Done);
        }, cancel);
    }
}
