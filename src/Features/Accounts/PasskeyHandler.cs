using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that adds, shows, renames or removes passkeys, and that signs in with them.</summary>
internal sealed class PasskeyHandler(
    IStreams streams, IReadModel<PasskeyView> views, IPasskeys passkeys, IPasswords passwords, ISeals seals, IAccessTokens accessTokens,
    SessionRecognition recognition, SignInThrottle throttle, AccountsOptions options, IMediator mediator, TimeProvider clock) :
    IRequestHandler<PreparePasskey, Answer<PasskeyCreation>>,
    IRequestHandler<AddPasskey, Answer<PasskeySummary>>,
    IRequestHandler<ListPasskeys, Answer<Page<PasskeySummary>>>,
    IRequestHandler<RenamePasskey, Answer<Done>>,
    IRequestHandler<RemovePasskey, Answer<Done>>,
    IRequestHandler<BeginPasskey, Answer<PasskeyQuestion>>,
    IRequestHandler<LoginByPasskey, Answer<Tokens>>,
    IRequestHandler<OpenWebSessionByPasskey, Answer<WebSession>>,
    IRequestHandler<SuspectPasskey, Answer<Done>>
{
    private const string PublicKey = "public-key";
    private const string Required = "required";

    // That the password was right stands in the challenge: who brings an answer to it need not say it again.
    public async Task<Answer<PasskeyCreation>> Handle(PreparePasskey ask, CancellationToken cancellationToken)
    {
        var who = ask.By.Account;
        if (await throttle.Check(passwords, AccountsDecider.HolderOf(who), ask.Password, ask.Address, cancellationToken) is { } no)
            return no;
        var account = await streams.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider, cancellationToken);
        var known = await streams.Load(PasskeyDecider.StreamOf(who), PasskeyDecider.Decider, cancellationToken);
        if (IsKeptOut(ask.By, known))
            return No.PasskeyNeeded;
        if (known.Keys.Count >= PasskeyDecider.MostPasskeys)
            return No.TooManyPasskeys;
        return new PasskeyCreation(
            Challenge.New(seals, who, clock.GetUtcNow(), account.Generation),
            new PasskeyServer(passkeys.Domain, "EventFiles"),
            new PasskeyPerson(PasskeyHandle.Of(who), account.Email, account.DisplayName),
            [.. passkeys.Algorithms.Select(kind => new PasskeyKind(PublicKey, kind))],
            (int)Challenge.Life.TotalMilliseconds,
            [.. known.Keys.Values.Select(key => new KnownPasskey(PublicKey, key.Credential)).OrderBy(key => key.Id, StringComparer.Ordinal)],
            new PasskeyDemands(Required, RequireResidentKey: true, Required),
            "none");
    }

    public async Task<Answer<PasskeySummary>> Handle(AddPasskey ask, CancellationToken cancellationToken)
    {
        var (who, said) = (ask.By.Account, ask.Credential.Response);
        if (passkeys.ReadCreated(ask.Credential.Id, said.ClientDataJSON, said.AttestationObject) is not { } created)
            return No.PasskeyUnreadable;
        if (Challenge.Read(seals, created.Challenge, who, clock.GetUtcNow()) is not { } answered
            || await created.Prove(cancellationToken) is not { } made
            || made.Credential != ask.Credential.Id)
            return No.PasskeyUnproved;
        var add = new PasskeyCommand.Add(NewId.Of<PasskeyId>(clock), who, ask.Name, made, answered);
        return await streams.Transact<PasskeySummary>(async transaction =>
        {
            // Who was let in when the request began may have been put out since: by a new password, or with the account.
            var account = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            if (account.Id is null || account.IsClosed || account.IsDisabled || account.Generation != answered.Generation)
                return No.PasskeyUnproved;
            if (IsKeptOut(ask.By, await transaction.Load(PasskeyDecider.StreamOf(who), PasskeyDecider.Decider)))
                return No.PasskeyNeeded;
            return await transaction.Decide(PasskeyDecider.StreamOf(who), PasskeyDecider.Decider, add) is { } no
                ? no
                : new PasskeySummary(add.Passkey, add.Name, made.IsSynced, transaction.Now, null, null);
        }, cancellationToken);
    }

    /// <summary>
    /// Where a second factor is asked for, a passkey is one: whoever came with the password alone changes nothing about
    /// factors as long as there is one, or the password would be enough to put another in its place.
    /// </summary>
    internal static bool IsKeptOut(Caller by, PasskeyState known) => by.NeedsSecondFactor && !known.Keys.IsEmpty;

    public async Task<Answer<Page<PasskeySummary>>> Handle(ListPasskeys ask, CancellationToken cancellationToken) =>
        (await views.List(PasskeyProjection.Of(ask.By.Account), ask.Cursor, ask.Limit, descending: true, cancellationToken))
            .Map(view => view.ToSummary());

    public Task<Answer<Done>> Handle(RenamePasskey ask, CancellationToken cancellationToken) =>
        Decide(ask.By.Account, new PasskeyCommand.Rename(ask.Passkey, ask.Name), cancellationToken);

    public async Task<Answer<Done>> Handle(RemovePasskey ask, CancellationToken cancellationToken) =>
        IsKeptOut(ask.By, await streams.Load(PasskeyDecider.StreamOf(ask.By.Account), PasskeyDecider.Decider, cancellationToken))
            ? No.PasskeyNeeded
            : await Decide(ask.By.Account, new PasskeyCommand.Remove(ask.Passkey), cancellationToken);

    public Task<Answer<PasskeyQuestion>> Handle(BeginPasskey ask, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<PasskeyQuestion>>(new PasskeyQuestion(
            Challenge.New(seals, account: null, clock.GetUtcNow()), passkeys.Domain, (int)Challenge.Life.TotalMilliseconds, Required));

    public async Task<Answer<Tokens>> Handle(LoginByPasskey ask, CancellationToken cancellationToken)
    {
        var token = RefreshToken.New(NewId.Of<SessionId>(clock));
        var answer = await SignIn(ask.Credential, ask.From, (account, generation, passkey) => new SessionCommand.Open(
            token.Session, account, SessionKind.Api, SessionSecret.Digest(token.Family), SessionSecret.Digest(token.Secret),
            generation, ask.From.Device, ask.From.Address, passkey), cancellationToken);
        return answer.Map(caller => SessionHandler.Issue(accessTokens, caller, token));
    }

    public async Task<Answer<WebSession>> Handle(OpenWebSessionByPasskey ask, CancellationToken cancellationToken)
    {
        var cookie = CookieValue.New(NewId.Of<SessionId>(clock));
        var answer = await SignIn(ask.Credential, ask.From, (account, generation, passkey) => new SessionCommand.Open(
            cookie.Session, account, SessionKind.Web, null, SessionSecret.Digest(cookie.Secret), generation,
            ask.From.Device, ask.From.Address, passkey), cancellationToken);
        if (answer is not Answer<Caller>.Yes(var caller, _))
            return answer.Refusal!;
        return await recognition.Account(caller.Account, cancellationToken) is { } account
            ? answer.Map(_ => new WebSession(account.ToMe(), cookie.ToString()))
            : No.PasskeyRefused;
    }

    public Task<Answer<Done>> Handle(SuspectPasskey ask, CancellationToken cancellationToken) =>
        Decide(ask.Account, new PasskeyCommand.Suspect(ask.Passkey, ask.Uses), cancellationToken);

    // Whoever fails learns nothing of why: a passkey that nobody knows takes the same steps as one that signs wrongly.
    private async Task<Answer<Caller>> SignIn(
        UsedPasskey said, SignInFrom from, Func<AccountId, int, PasskeyId, SessionCommand.Open> open, CancellationToken cancel)
    {
        var says = said.Response;
        if (passkeys.ReadUsed(said.Id, says.ClientDataJSON, says.AuthenticatorData, says.Signature) is not { } used)
            return No.PasskeyUnreadable;
        var key = $"passkey {SessionSecret.Digest(said.Id)}";
        if (await throttle.Begin(key, from.Address, cancel) is { } wait)
            return wait;

        var holder = await AccountsClaims.AccountOfPasskey(streams, said.Id, cancel);
        var known = await streams.Load(PasskeyDecider.StreamOf(holder ?? SessionHandler.Nobody), PasskeyDecider.Decider, cancel);
        var before = await streams.Load(AccountsDecider.StreamOf(holder ?? SessionHandler.Nobody), AccountsDecider.Decider, cancel);
        var passkey = known.Find(said.Id);
        var isProved = await used.IsProvedBy(passkey?.PublicKey, cancel);
        var challenge = Challenge.Read(seals, used.Challenge, account: null, clock.GetUtcNow());
        if (!isProved || passkey is null || challenge is not { } answered || holder is not { } who
            || says.UserHandle != PasskeyHandle.Of(who))
            return No.PasskeyRefused;

        Origin.Current = Origin.Current with { Actor = who };
        var command = open(who, before.Generation, passkey.Id);
        var answer = await streams.Transact<Caller>(async transaction =>
        {
            var now = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            if (now is { IsDisabled: true, IsClosed: false })
                return No.Disabled;
            if (now.Id is null || now.IsClosed || now.Generation != before.Generation)
                return No.PasskeyRefused;
            if (options.SignUp == SignUpRule.Verified && !now.IsConfirmed && !now.IsAdministrator)
                return No.AddressUnconfirmed;
            return (await transaction.Decide(
                    PasskeyDecider.StreamOf(who), PasskeyDecider.Decider, new PasskeyCommand.Use(passkey.Id, used.Uses, answered))
                ?? await transaction.Decide(
                    SessionDecider.StreamOf(command.Session, who), SessionDecider.Decider, command)) is { } no
                ? no
                : new Caller(who, command.Session, now.IsAdministrator) { IsAuditor = now.IsAuditor };
        }, cancel);
        if (answer.Refusal is not { } refused)
        {
            await throttle.Succeeded(key, from.Address);
            return answer;
        }

        // A refusal appends nothing, so that its owner is told is a request of its own. Whoever has the copy is not told.
        if (refused.Code != No.PasskeySuspected.Code)
            return answer;
        await mediator.Send(new SuspectPasskey(passkey.Id, who, used.Uses), CancellationToken.None);
        return No.PasskeyRefused;
    }

    private Task<Answer<Done>> Decide(AccountId account, PasskeyCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction => await transaction.Decide(
            PasskeyDecider.StreamOf(account), PasskeyDecider.Decider, command) is { } no ? no : default(Done), cancel);
}
