using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that makes, shows or revokes tokens of programs, and the accounts of programs.</summary>
internal sealed class TokenHandler(
    IStreams streams, IReadModel<TokenView> views, SessionRecognition recognition, TimeProvider clock) :
    IRequestHandler<IssueToken, Answer<IssuedToken>>,
    IRequestHandler<ListTokens, Answer<Page<TokenSummary>>>,
    IRequestHandler<RevokeToken, Answer<Done>>,
    IRequestHandler<OpenServiceAccount, Answer<NewAccount>>
{
    private const int MostTokens = 100;

    private static readonly TimeSpan UsualLife = TimeSpan.FromDays(90);

    public async Task<Answer<IssuedToken>> Handle(IssueToken ask, CancellationToken cancellationToken)
    {
        var asked = await WhoseTokens(ask.By, ask.For, cancellationToken);
        if (asked is not Answer<AccountId>.Yes(var whose, _))
            return asked.Refusal!;
        if ((await views.List(TokenProjection.Of(whose), null, MostTokens, descending: false, cancellationToken)).Items.Count == MostTokens)
            return No.TooManyTokens;
        var token = PersonalToken.New(NewId.Of<TokenId>(clock));
        var issue = new TokenCommand.Issue(
            token.Id, whose, ask.Name, SessionSecret.Digest(token.Secret), TokenScopeNames.Read(ask.Scopes)!.Value,
            ask.ExpiresAt ?? clock.GetUtcNow() + UsualLife, ask.By.Account);
        return await streams.Transact<IssuedToken>(
            async transaction =>
            {
                // Who was let in when the request began may have been put out since, and a token would outlive that.
                var account = await transaction.Load(AccountsDecider.StreamOf(ask.By.Account), AccountsDecider.Decider);
                var session = await transaction.Load(SessionDecider.StreamOf(ask.By.Session, ask.By.Account), SessionDecider.Decider);
                if (session.HasEnded || !account.Admits(ask.By.Session, session.Generation))
                    return No.SessionOver;
                return await transaction.Decide(TokenDecider.StreamOf(token.Id, whose), TokenDecider.Decider, issue) is { } no
                    ? no
                    : new IssuedToken(token.Id, token.ToString(), issue.ExpiresAt);
            },
            cancellationToken);
    }

    public async Task<Answer<Page<TokenSummary>>> Handle(ListTokens ask, CancellationToken cancellationToken) =>
        await WhoseTokens(ask.By, ask.For, cancellationToken) switch
        {
            Answer<AccountId>.Yes(var whose, _) =>
                (await views.List(TokenProjection.Of(whose), ask.Cursor, ask.Limit, descending: true, cancellationToken))
                    .Map(view => view.ToSummary()),
            var no => no.Refusal!,
        };

    public async Task<Answer<Done>> Handle(RevokeToken ask, CancellationToken cancellationToken)
    {
        if (await recognition.Token(ask.Token, cancellationToken) is not { } token
            || (token.Account != ask.By.Account && !(ask.By.IsAdministrator && await IsService(token.Account, cancellationToken))))
            return No.NoSuchToken;
        return await streams.Transact<Done>(async transaction => await transaction.Decide(
            TokenDecider.StreamOf(token.Id, token.Account), TokenDecider.Decider, new TokenCommand.Revoke(ask.By.Account)) is { } no
                ? no
                : default(Done), cancellationToken);
    }

    public async Task<Answer<NewAccount>> Handle(OpenServiceAccount ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var id = NewId.Of<AccountId>(clock);
        // RFC 2606: no mailbox is ever called so. Others share with it by this address.
        var register = new AccountsCommand.Register(id, $"{id}@service.invalid", ask.DisplayName);
        return await streams.Transact<NewAccount>(async transaction =>
            (await transaction.Decide(AccountsDecider.StreamOf(id), AccountsDecider.Decider, register)
                ?? await transaction.Decide(
                    AccountsDecider.StreamOf(id), AccountsDecider.Decider, new AccountsCommand.MakeService(ask.By.Account))) is { } no
                ? no
                : new NewAccount(id, register.Email, register.DisplayName), cancellationToken);
    }

    // An administrator has no say in the tokens of persons.
    private async Task<Answer<AccountId>> WhoseTokens(Caller by, AccountId? whose, CancellationToken cancel) =>
        whose is not { } service ? by.Account
        : !by.IsAdministrator ? No.AdministratorsOnly
        : await IsService(service, cancel) ? service
        : No.NoService;

    private async Task<bool> IsService(AccountId account, CancellationToken cancel) =>
        await recognition.Account(account, cancel) is { IsService: true };
}
