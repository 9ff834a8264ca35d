using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everybody who signs in at a provider.</summary>
internal sealed class ProviderHandler(
    IStreams streams, IIdentityProvider provider, ISeals seals, SessionRecognition recognition, SignUpThrottle signUps,
    AccountsOptions options, TimeProvider clock) :
    IRequestHandler<BeginProvider, Answer<ProviderBeginning>>,
    IRequestHandler<EndProvider, Answer<WebSession>>
{
    /// <summary>How long somebody may take at the provider.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<Answer<ProviderBeginning>> Handle(BeginProvider ask, CancellationToken cancellationToken)
    {
        if (provider.Name is null)
            return No.NoProvider;
        var (address, errand) = await provider.Begin(cancellationToken);
        var until = (clock.GetUtcNow() + Patience).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new ProviderBeginning(address, seals.Seal("provider", $"{errand.State} {errand.Nonce} {errand.Verifier} {until}"));
    }

    public async Task<Answer<WebSession>> Handle(EndProvider ask, CancellationToken cancellationToken)
    {
        if (provider.Name is null)
            return No.NoProvider;
        if (Errand(ask) is not { } errand || await provider.Prove(ask.Code, errand, cancellationToken) is not { } proved)
            return No.NotVouchedFor;
        var known = await streams.Holders(AccountsClaims.Identity, [AccountsClaims.KeyOf(proved.Issuer, proved.Subject)], cancellationToken);
        if (known.Values.SingleOrDefault() is { } holder)
            return await Open(AccountsClaims.AccountOf(holder), null, ask.From, cancellationToken);
        if (proved is not { IsEmailVerified: true, Email: { } email } || EmailAddress.Key(email) is null)
            return No.ProviderEmailUnverified;
        var link = new AccountsCommand.LinkIdentity(proved.Issuer, proved.Subject);
        return await AccountsClaims.AccountOf(streams, email, cancellationToken) is { } account
            ? await Open(account, link, ask.From, cancellationToken)
            : await Register(email.Trim(), proved.Name, link, ask.From, cancellationToken);
    }

    // Somebody may have opened an account with an address that is not theirs, and wait for its owner to come by the
    // provider: only an address that was proved here counts. And who has a second factor here is not let in without it.
    private static Rejection? MayLink(AccountsState account) =>
        account.IsConfirmed && !account.IsService ? null : No.LinkUnproved;

    private async Task<Answer<WebSession>> Register(
        string email, string? name, AccountsCommand.LinkIdentity link, SignInFrom from, CancellationToken cancel)
    {
        var isFirst = (await streams.Holders(AccountsClaims.Administrator, [AccountsClaims.First], cancel)).Count == 0;
        // The first of all has a password: else a provider that is away would keep everybody out.
        if (isFirst || options.SignUp is SignUpRule.Closed)
            return No.SignUpClosed;
        if (options.SignUp is SignUpRule.Invited)
            return No.InvitationNeeded;
        if (await signUps.Take(from.Address, cancel) is { } wait)
            return wait;
        var id = NewId.Of<AccountId>(clock);
        var display = name is not null && DisplayNames.Problem(name) is null ? name : email.Split('@')[0];
        Origin.Current = Origin.Current with { Actor = id };
        var made = await streams.Transact<Done>(async transaction =>
        {
            var stream = AccountsDecider.StreamOf(id);
            return (await transaction.Decide(stream, AccountsDecider.Decider, new AccountsCommand.Register(id, email, display))
                ?? await transaction.Decide(stream, AccountsDecider.Decider, new AccountsCommand.ConfirmAddress(null))
                ?? await transaction.Decide(stream, AccountsDecider.Decider, link)) is { } no
                ? no
                : default(Done);
        }, cancel);
        return made.Refusal is { } refused ? refused : await Open(id, null, from, cancel);
    }

    private async Task<Answer<WebSession>> Open(
        AccountId who, AccountsCommand.LinkIdentity? link, SignInFrom from, CancellationToken cancel)
    {
        Origin.Current = Origin.Current with { Actor = who };
        var cookie = CookieValue.New(NewId.Of<SessionId>(clock));
        var opened = await streams.Transact<Done>(async transaction =>
        {
            var account = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            if (account.Id is null || account.IsDisabled)
                return No.Disabled;
            if (account.HasFactor)
                return No.CodeAtHome;
            if (link is not null && (MayLink(account)
                ?? await transaction.Decide(AccountsDecider.StreamOf(who), AccountsDecider.Decider, link)) is { } unlinked)
                return unlinked;
            return await transaction.Decide(
                SessionDecider.StreamOf(cookie.Session, who), SessionDecider.Decider,
                new SessionCommand.Open(
                    cookie.Session, who, SessionKind.Web, null, SessionSecret.Digest(cookie.Secret), account.Generation, from.Device,
                    from.Address)) is { } no
                ? no
                : default(Done);
        }, cancel);
        if (opened.Refusal is { } refused)
            return refused;
        return await recognition.Account(who, cancel) is { } view
            ? opened.Map(_ => new WebSession(view.ToMe(), cookie.ToString()))
            : No.NotVouchedFor;
    }

    // What the browser kept is ours, is of the errand that it comes back from, and is not too old.
    private ProviderErrand? Errand(EndProvider ask) =>
        seals.Open("provider", ask.Errand)?.Split(' ') is [var state, var nonce, var verifier, var until]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(ask.State))
        && clock.GetUtcNow().ToUnixTimeSeconds() < long.Parse(until, CultureInfo.InvariantCulture)
            ? new ProviderErrand(state, nonce, verifier)
            : null;
}
