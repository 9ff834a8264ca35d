using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that opens, renews, ends or shows sessions.</summary>
internal sealed class SessionHandler(
    IStreams streams, IReadModel<SessionView> views, IPasswords passwords, IAccessTokens accessTokens,
    SessionRecognition recognition, SignInThrottle throttle, FactorCodes codes, AccountsOptions options, IMediator mediator,
    TimeProvider clock) :
    IRequestHandler<Login, Answer<Tokens>>,
    IRequestHandler<RefreshTokens, Answer<Tokens>>,
    IRequestHandler<OpenWebSession, Answer<WebSession>>,
    IRequestHandler<Logout, Answer<Done>>,
    IRequestHandler<ListSessions, Answer<Page<SessionSummary>>>,
    IRequestHandler<EndSession, Answer<Done>>,
    IRequestHandler<EndOtherSessions, Answer<Done>>,
    IRequestHandler<EndReusedSession, Answer<Done>>,
    IRequestHandler<ExpireSession, Answer<Done>>,
    IRequestHandler<EndVoidSessions, Answer<Done>>
{
    // Long enough to be rare on the wire, short enough for services that check signatures only.
    private static readonly TimeSpan AccessLife = TimeSpan.FromMinutes(15);

    // Stands in for the account of an unknown address, so that both ways take the same steps.
    internal static readonly AccountId Nobody = new(Guid.Empty);

    public async Task<Answer<Tokens>> Handle(Login ask, CancellationToken cancellationToken)
    {
        var token = RefreshToken.New(NewId.Of<SessionId>(clock));
        var answer = await SignIn(ask.Email, ask.Password, ask.Code, ask.From, (account, generation) => new SessionCommand.Open(
            token.Session, account, SessionKind.Api, SessionSecret.Digest(token.Family), SessionSecret.Digest(token.Secret),
            generation, ask.From.Device, ask.From.Address), cancellationToken);
        return answer.Map(caller => Issue(accessTokens, caller, token));
    }

    public async Task<Answer<WebSession>> Handle(OpenWebSession ask, CancellationToken cancellationToken)
    {
        var cookie = CookieValue.New(NewId.Of<SessionId>(clock));
        var answer = await SignIn(ask.Email, ask.Password, ask.Code, ask.From, (account, generation) => new SessionCommand.Open(
            cookie.Session, account, SessionKind.Web, null, SessionSecret.Digest(cookie.Secret), generation,
            ask.From.Device, ask.From.Address), cancellationToken);
        if (answer is not Answer<Caller>.Yes(var caller, _))
            return answer.Refusal!;
        return await recognition.Account(caller.Account, cancellationToken) is { } account
            ? answer.Map(_ => new WebSession(account.ToMe(), cookie.ToString()))
            : No.WrongCredentials;
    }

    public async Task<Answer<Tokens>> Handle(RefreshTokens ask, CancellationToken cancellationToken)
    {
        if (RefreshToken.Parse(ask.RefreshToken) is not { } token
            || await recognition.Session(token.Session, cancellationToken) is not { } view)
            return No.SessionOver;

        Origin.Current = Origin.Current with { Actor = view.Account };
        var next = token.Next();
        var command = new SessionCommand.Refresh(
            SessionSecret.Digest(token.Family), SessionSecret.Digest(token.Secret), SessionSecret.Digest(next.Secret));
        var answer = await streams.Transact<Caller>(async transaction =>
        {
            var account = await transaction.Load(AccountsDecider.StreamOf(view.Account), AccountsDecider.Decider);
            if (!account.Admits(view.Id, view.Generation))
                return No.SessionOver;
            return await transaction.Decide(StreamOf(view), SessionDecider.Decider, command) is { } no
                ? no
                : new Caller(view.Account, view.Id, account.IsAdministrator) { IsAuditor = account.IsAuditor };
        }, cancellationToken);

        // A refusal appends nothing, so the end of the session is a request of its own; like every request it is done
        // only when readers see it.
        if (answer.Refusal == No.TokenReused)
            await mediator.Send(new EndReusedSession(view.Id, view.Account), CancellationToken.None);
        return answer.Map(caller => Issue(accessTokens, caller, next));
    }

    public Task<Answer<Done>> Handle(Logout ask, CancellationToken cancellationToken) =>
        End(ask.By.Session, ask.By.Account, SessionEnd.SignedOut, cancellationToken);

    public async Task<Answer<Page<SessionSummary>>> Handle(ListSessions ask, CancellationToken cancellationToken)
    {
        if (await recognition.Account(ask.By.Account, cancellationToken) is not { } account)
            return No.NoSuchAccount;
        var page = await views.List(
            SessionProjection.Of(account.Id), ask.Cursor, ask.Limit, descending: true, cancellationToken);
        var now = clock.GetUtcNow();
        return new Page<SessionSummary>(
            [.. page.Items.Where(view => now < view.Until && account.Admits(view)).Select(view => view.ToSummary(ask.By.Session))],
            page.NextCursor);
    }

    public async Task<Answer<Done>> Handle(EndSession ask, CancellationToken cancellationToken) =>
        await recognition.Session(ask.Session, cancellationToken) is { } view && view.Account == ask.By.Account
            ? await End(view.Id, view.Account, SessionEnd.SignedOut, cancellationToken)
            : No.NoSuchSession;

    public Task<Answer<Done>> Handle(EndOtherSessions ask, CancellationToken cancellationToken) =>
        streams.Transact<Done>(async transaction => await transaction.Decide(
            AccountsDecider.StreamOf(ask.By.Account), AccountsDecider.Decider,
            new AccountsCommand.SignOutOthers(ask.By.Session)) is { } no
                ? no
                : default(Done), cancellationToken);

    public Task<Answer<Done>> Handle(EndReusedSession ask, CancellationToken cancellationToken) =>
        End(ask.Session, ask.Account, SessionEnd.Reused, cancellationToken);

    public Task<Answer<Done>> Handle(ExpireSession ask, CancellationToken cancellationToken) =>
        End(ask.Session, ask.Owner, SessionEnd.Expired, cancellationToken);

    // Tidies up: void sessions open nothing from the moment of the event that voided them.
    public async Task<Answer<Done>> Handle(EndVoidSessions ask, CancellationToken cancellationToken)
    {
        var account = await streams.Load(AccountsDecider.StreamOf(ask.Owner), AccountsDecider.Decider, cancellationToken);
        var cursor = default(string);
        do
        {
            var page = await views.List(SessionProjection.Of(ask.Owner), cursor, 1000, descending: false, cancellationToken);
            foreach (var view in page.Items.Where(view => !account.Admits(view.Id, view.Generation)))
                await End(view.Id, view.Account, SessionEnd.Voided, cancellationToken);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return default(Done);
    }

    private static StreamId StreamOf(SessionView view) => SessionDecider.StreamOf(view.Id, view.Account);

    internal static Tokens Issue(IAccessTokens accessTokens, Caller caller, RefreshToken refresh) => new(
        accessTokens.Issue(caller, AccessLife), refresh.ToString(), "Bearer", (int)AccessLife.TotalSeconds);

    // Whoever fails learns nothing of why: an unknown address takes the same steps, a hash included, as a wrong password.
    private async Task<Answer<Caller>> SignIn(
        string email, string password, string? code, SignInFrom from, Func<AccountId, int, SessionCommand.Open> open,
        CancellationToken cancel)
    {
        var key = EmailAddress.Key(email) ?? "";
        if (await throttle.Begin(key, from.Address, cancel) is { } wait)
            return wait;

        var account = await AccountsClaims.AccountOf(streams, email, cancel);
        var before = await streams.Load(AccountsDecider.StreamOf(account ?? Nobody), AccountsDecider.Decider, cancel);
        var holder = account is { } known ? AccountsDecider.HolderOf(known) : null;
        var verified = await passwords.Verify(holder, password, cancel);
        if (verified is Answer<bool>.No(var busy))
        {
            await throttle.Withdraw(key, from.Address);
            return busy;
        }

        if (verified is not Answer<bool>.Yes(true, _) || account is not { } who)
            return No.WrongCredentials;

        await throttle.Succeeded(key, from.Address);
        if (before.HasFactor && code is not null && await codes.Begin(who, from.Address, cancel) is { } pause)
            return pause;
        Origin.Current = Origin.Current with { Actor = who };
        var command = open(who, before.Generation);
        var answer = await streams.Transact<Caller>(async transaction =>
        {
            var now = await transaction.Load(AccountsDecider.StreamOf(who), AccountsDecider.Decider);
            if (now is { IsDisabled: true, IsClosed: false })
                return No.Disabled;
            if (now.Id is null || now.IsClosed || now.Generation != before.Generation || now.HasFactor != before.HasFactor)
                return No.WrongCredentials; // the password was changed while this one was being checked
            if (options.SignUp == SignUpRule.Verified && !now.IsConfirmed && !now.IsAdministrator)
                return No.AddressUnconfirmed;
            if (now.HasFactor && await codes.Use(transaction, who, code) is { } unproved)
                return unproved;
            return await transaction.Decide(
                SessionDecider.StreamOf(command.Session, who), SessionDecider.Decider, command) is { } no
                ? no
                : new Caller(who, command.Session, now.IsAdministrator) { IsAuditor = now.IsAuditor };
        }, cancel);
        if (before.HasFactor && answer.Refusal is null)
            await codes.Succeeded(who, from.Address);
        return answer;
    }

    private Task<Answer<Done>> End(SessionId session, AccountId account, SessionEnd reason, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction => await transaction.Decide(
            SessionDecider.StreamOf(session, account), SessionDecider.Decider, new SessionCommand.End(reason)) is { } no
                ? no
                : default(Done), cancel);
}
