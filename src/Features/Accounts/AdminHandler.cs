using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>What administrators do with accounts of others.</summary>
internal sealed class AdminHandler(IStreams streams, IReadModel<AccountView> views) :
    IRequestHandler<ListAccounts, Answer<Page<AccountSummary>>>,
    IRequestHandler<ReadAccount, Answer<AccountSummary>>,
    IRequestHandler<SetDisabled, Answer<Done>>,
    IRequestHandler<SetAdministrator, Answer<Done>>
{
    // A search looks at so many accounts for one page at most: a page may be short and have a next one.
    private const int MostLookedAt = 20_000;

    public async Task<Answer<Page<AccountSummary>>> Handle(ListAccounts ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var (found, cursor, looked) = (new List<AccountSummary>(), ask.Cursor, 0);
        do
        {
            var atOnce = ask.Limit - found.Count;
            var page = await views.List(AccountsProjection.All, cursor, atOnce, descending: false, cancellationToken);
            found.AddRange(page.Items.Where(view => Fits(view, ask.Search)).Select(view => view.ToSummary()));
            cursor = page.NextCursor;
            looked += atOnce;
        }
        while (cursor is not null && found.Count < ask.Limit && looked < MostLookedAt);
        return new Page<AccountSummary>(found, cursor);
    }

    public async Task<Answer<AccountSummary>> Handle(ReadAccount ask, CancellationToken cancellationToken) =>
        !ask.By.IsAdministrator ? No.AdministratorsOnly
        : await views.Find(ask.Account.ToString(), cancellationToken) is { } view ? view.ToSummary()
        : No.NoSuchAccount;

    public Task<Answer<Done>> Handle(SetDisabled ask, CancellationToken cancellationToken) => Decide(
        ask.By, ask.Account,
        ask.IsDisabled ? new AccountsCommand.Disable(ask.By.Account) : new AccountsCommand.Enable(ask.By.Account),
        cancellationToken);

    public Task<Answer<Done>> Handle(SetAdministrator ask, CancellationToken cancellationToken) => Decide(
        ask.By, ask.Account,
        ask.IsAdministrator ? new AccountsCommand.Appoint(AsFirst: false) : new AccountsCommand.DismissAdministrator(ask.By.Account),
        cancellationToken);

    private static bool Fits(AccountView view, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || view.Email.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase)
        || view.DisplayName.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase);

    private async Task<Answer<Done>> Decide(Caller by, AccountId account, AccountsCommand command, CancellationToken cancel) =>
        by.IsAdministrator
            ? await streams.Transact<Done>(async transaction => await transaction.Decide(
                AccountsDecider.StreamOf(account), AccountsDecider.Decider, command) is { } no
                    ? no
                    : default(Done), cancel)
            : No.AdministratorsOnly;
}
