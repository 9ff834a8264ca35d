using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that makes an account change or tells of it.</summary>
internal sealed class AccountsHandler(
    IStreams streams, IPasswords passwords, SessionRecognition recognition, SignInThrottle throttle,
    ISeals seals, SignUpThrottle signUps, AccountsOptions options, TimeProvider clock) :
    IRequestHandler<RegisterAccount, Answer<NewAccount>>,
    IRequestHandler<ReadMe, Answer<Me>>,
    IRequestHandler<ChangeMe, Answer<Me>>,
    IRequestHandler<SetAuditor, Answer<Done>>,
    IRequestHandler<ChangeMyPassword, Answer<Done>>
{
    // The password is stored first, under an id that nobody has yet. A crash before the event leaves a hash that belongs
    // to no account and opens nothing, and the next try begins with a new id. The other way round a crash would leave an
    // address taken by an account that nobody can enter.
    public async Task<Answer<NewAccount>> Handle(RegisterAccount ask, CancellationToken cancellationToken)
    {
        var key = EmailAddress.Key(ask.Email)!;
        var isFirst = (await streams.Holders(
            AccountsClaims.Administrator, [AccountsClaims.First], cancellationToken)).Count == 0;
        if (!isFirst && Closed(ask.Invitation) is { } closed)
            return closed;
        // Before anything is told or hashed: one that nobody ever wrote.
        if (ask.Invitation is { } brought && LetterToken.Invitation(seals, brought) is null)
            return No.LinkSpent;
        if (await signUps.Take(ask.Address, cancellationToken) is { } wait)
            return wait;
        if ((await streams.Holders(AccountsClaims.Email, [key], cancellationToken)).Count > 0)
            return No.EmailTaken;

        var account = NewId.Of<AccountId>(clock);
        var holder = AccountsDecider.HolderOf(account);
        if (await passwords.Set(holder, ask.Password, cancellationToken) is { } busy)
            return busy;

        Origin.Current = Origin.Current with { Actor = account };
        var register = new AccountsCommand.Register(account, ask.Email.Trim(), ask.DisplayName);
        var answer = await Append(register, ask.Invitation, isFirst, cancellationToken);
        if (isFirst && answer.Refusal?.Code == No.NotTheFirst.Code)
            answer = Closed(ask.Invitation) ?? await Append(register, ask.Invitation, asFirst: false, cancellationToken);
        if (answer.Refusal is not null)
            await passwords.Remove(holder, CancellationToken.None);
        return answer;
    }

    public async Task<Answer<Me>> Handle(ReadMe ask, CancellationToken cancellationToken) =>
        await recognition.Account(ask.By.Account, cancellationToken) is { } account ? account.ToMe() : No.NoSuchAccount;

    public async Task<Answer<Me>> Handle(ChangeMe ask, CancellationToken cancellationToken)
    {
        if (await recognition.Account(ask.By.Account, cancellationToken) is not { } account)
            return No.NoSuchAccount;
        if (ask.DisplayName is not { } name)
            return account.ToMe();
        var answer = await Decide(ask.By.Account, new AccountsCommand.Rename(name), cancellationToken);
        return answer.Map(_ => account.ToMe() with { DisplayName = name });
    }

    public async Task<Answer<Done>> Handle(SetAuditor ask, CancellationToken cancellationToken) =>
        !ask.By.IsAdministrator
            ? No.AdministratorsOnly
            : await Decide(
                ask.Account,
                ask.IsAuditor
                    ? new AccountsCommand.NameAuditor(ask.By.Account)
                    : new AccountsCommand.DismissAuditor(ask.By.Account),
                cancellationToken);

    // Other sessions are voided before and after. Before, because a crash right after storing the password must not leave
    // an intruder signed in. After, because somebody may have signed in with the old password in between.
    public async Task<Answer<Done>> Handle(ChangeMyPassword ask, CancellationToken cancellationToken)
    {
        var (by, holder) = (ask.By, AccountsDecider.HolderOf(ask.By.Account));
        if (await recognition.Account(by.Account, cancellationToken) is not { } account)
            return No.NoSuchAccount;
        if (PasswordRule.IsGuessable(ask.NewPassword, account.Email))
            return No.WeakPassword;

        if (await throttle.Check(passwords, holder, ask.CurrentPassword, ask.Address, cancellationToken) is { } no)
            return no;

        var voided = await Decide(by.Account, new AccountsCommand.SignOutOthers(by.Session), cancellationToken);
        if (voided.Refusal is not null)
            return voided;
        if (await passwords.Set(holder, ask.NewPassword, cancellationToken) is { } full)
            return full;
        return await Decide(by.Account, new AccountsCommand.ChangePassword(by.Session), CancellationToken.None);
    }

    // Who bears an invitation is asked about it in the transaction.
    private Rejection? Closed(string? invitation) => options.SignUp switch
    {
        SignUpRule.Closed => No.SignUpClosed,
        SignUpRule.Invited when invitation is null => No.InvitationNeeded,
        _ => null,
    };

    private Task<Answer<NewAccount>> Append(
        AccountsCommand.Register register, string? invitation, bool asFirst, CancellationToken cancel)
    {
        var stream = AccountsDecider.StreamOf(register.Account);
        var letter = new LetterCommand.Ask(
            NewId.Of<LetterId>(clock), register.Account, LetterKind.ConfirmAddress, register.Email, Generation: 0);
        return streams.Transact<NewAccount>(async transaction =>
        {
            if (await transaction.Decide(stream, AccountsDecider.Decider, register) is { } no)
                return no;
            if (asFirst && await transaction.Decide(
                stream, AccountsDecider.Decider, new AccountsCommand.Appoint(AsFirst: true)) is { } refused)
                return refused;
            if (invitation is not null)
            {
                if (await Accept(transaction, register, invitation) is { } spent)
                    return spent;
            }
            else if ((options.SendsMail || options.SignUp == SignUpRule.Verified) && await transaction.Decide(
                LetterDecider.StreamOf(register.Account), LetterDecider.Decider, letter) is { } unwritten)
            {
                return unwritten;
            }

            return new NewAccount(register.Account, register.Email, register.DisplayName);
        }, cancel);
    }

    // Whoever has it has read mail to the address that it is for.
    private async Task<Rejection?> Accept(ITransaction transaction, AccountsCommand.Register register, string invitation) =>
        LetterToken.Invitation(seals, invitation) is not var (inviter, id)
            ? No.LinkSpent
            : await transaction.Decide(
                InvitationDecider.StreamOf(id, inviter), InvitationDecider.Decider,
                new InvitationCommand.Accept(register.Account, register.Email)) is { } no
                ? no.Code == No.NoSuchInvitation.Code ? No.LinkSpent : no
                : await transaction.Decide(
                    AccountsDecider.StreamOf(register.Account), AccountsDecider.Decider, new AccountsCommand.ConfirmAddress(null));

    private Task<Answer<Done>> Decide(AccountId account, AccountsCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
            await transaction.Decide(AccountsDecider.StreamOf(account), AccountsDecider.Decider, command) is { } no
                ? no
                : default(Done), cancel);
}

/// <summary>Accounts, as other slices may see them.</summary>
internal sealed class AccountsDirectory(IStreams streams, SessionRecognition recognition, AccountsOptions options) : IAccounts
{
    public async Task<string?> ProvedAddress(AccountId account, CancellationToken cancel) =>
        await streams.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider, cancel) is { IsConfirmed: true, IsClosed: false } proved
            ? proved.Email
            : null;

    public string? KeyOf(string email) => EmailAddress.Key(email);

    public async Task<AccountId?> FindTrusted(string email, CancellationToken cancel) =>
        await AccountsClaims.AccountOf(streams, email, cancel) is { } account
        && (!options.SendsMail || (await streams.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider, cancel)).IsConfirmed)
            ? account
            : null;

    public async Task<AccountCard?> Find(AccountId account, CancellationToken cancel) =>
        await recognition.Account(account, cancel) is { } view
            ? new AccountCard(view.Id, view.Email, view.DisplayName) { IsProved = view.IsConfirmed, Avatar = view.Avatar }
            : null;

    public async Task<bool> IsOpen(ITransaction transaction, AccountId account) =>
        await transaction.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider) is { Id: not null, IsDisabled: false, IsClosed: false };

    public async Task<bool> Existed(AccountId account, Moment at, CancellationToken cancel)
    {
        var first = await streams.Read(AccountsDecider.StreamOf(account).Name, 0, cancel).FirstOrDefaultAsync(cancel);
        return first is not null && first.Position <= at.Position;
    }

    public async Task<AccountCard?> FindByEmail(string email, CancellationToken cancel) =>
        await AccountsClaims.AccountOf(streams, email, cancel) is { } account ? await Find(account, cancel) : null;
}

/// <summary>What only one account may have, and who has it.</summary>
internal static class AccountsClaims
{
    public const string Email = "email";
    public const string Administrator = "administrator";
    public const string First = "first";
    public const string Identity = "identity";
    public const string Passkey = "passkey";

    private const int IdLength = 36;

    public static Claim? Of(AccountsEvent.Registered fact) => EmailAddress.Key(fact.Email) is { } key
        ? Claim.Of(AccountsDecider.HolderOf(fact.Account), Email, key, AccountsRejection.EmailTaken)
        : null;

    /// <summary>Whoever comes next may have the address.</summary>
    public static Claim? Of(AccountsEvent.Closed fact) => Claim.None(AccountsDecider.HolderOf(fact.Account));

    public static Claim? Of(AccountsEvent.AddressChanged fact) => EmailAddress.Key(fact.Email) is { } key
        ? Claim.Of(AccountsDecider.HolderOf(fact.Account), Email, key, AccountsRejection.EmailTaken)
        : null;

    /// <summary>Its holder is another than the address's, too.</summary>
    public static Claim? Of(AccountsEvent.IdentityLinked fact) => Claim.Of(
        $"identity-{fact.Account}", Identity, KeyOf(fact.Issuer, fact.Subject), AccountsRejection.IdentityTaken);

    /// <summary>No two accounts have the same: else it would open another than its own.</summary>
    public static Claim? Of(PasskeyEvent.Added fact) => fact.Credential == PersonalAttribute.Erased
        ? null
        : Claim.Of(HolderOf(fact.Account, fact.Passkey), Passkey, SessionSecret.Digest(fact.Credential), AccountsRejection.PasskeyTaken);

    public static Claim? Of(PasskeyEvent.Removed fact) => Claim.None(HolderOf(fact.Account, fact.Passkey));

    /// <summary>A person at a provider.</summary>
    public static string KeyOf(string issuer, string subject) => $"{issuer} {subject}";

    /// <summary>Whose claim it is.</summary>
    public static AccountId AccountOf(string holder) =>
        new(Guid.Parse(holder.AsSpan(holder.IndexOf('-', StringComparison.Ordinal) + 1, IdLength)));

    /// <summary>Whose passkey an authenticator calls so; null when nobody's.</summary>
    public static async Task<AccountId?> AccountOfPasskey(IStreams streams, string credential, CancellationToken cancel) =>
        (await streams.Holders(Passkey, [SessionSecret.Digest(credential)], cancel)).Values.SingleOrDefault() is { } holder
            ? AccountOf(holder)
            : null;

    /// <summary>Its holder is another than the address's: a holder has one claim only.</summary>
    public static Claim? Of(AccountsEvent.Appointed fact) => fact.AsFirst
        ? Claim.Of($"administrator-{fact.Account}", Administrator, First, AccountsRejection.NotTheFirst)
        : null;

    /// <summary>Whose address this is; null when nobody's.</summary>
    public static async Task<AccountId?> AccountOf(IStreams streams, string email, CancellationToken cancel)
    {
        // What cannot be an address is asked for as well: it must not be told from an unknown one by the time it takes.
        var key = EmailAddress.Key(email) ?? "";
        var holders = await streams.Holders(Email, [key], cancel);
        return holders.TryGetValue(key, out var holder)
            ? AccountOf(holder)
            : null;
    }

    // A claim for each passkey: a holder has one only.
    private static string HolderOf(AccountId account, PasskeyId passkey) => $"passkey-{account}-{passkey}";
}
