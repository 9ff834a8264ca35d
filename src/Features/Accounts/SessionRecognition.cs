namespace EventFiles.Features.Accounts;

/// <summary>Who stands behind what a request carries, now: a session that has ended is nobody.</summary>
public interface ISessions
{
    /// <summary>The cookie that a browser's session rides on.</summary>
    const string CookieName = "eventfiles_session";

    /// <summary>The holder of an access token whose signature and dates were found good.</summary>
    Task<Caller?> Recognise(AccountId account, SessionId session, CancellationToken cancel);

    /// <summary>The browser that sent this cookie.</summary>
    Task<Caller?> Recognise(string cookie, CancellationToken cancel);
}

/// <summary>
/// Sessions and accounts from the read model; from the log itself where the read model has none, so that somebody who
/// just signed in is known even on a node that lags.
/// </summary>
internal sealed class SessionRecognition(
    IReadModel<SessionView> sessions, IReadModel<AccountView> accounts, IStreams streams, TimeProvider clock) : ISessions
{
    public async Task<Caller?> Recognise(AccountId account, SessionId session, CancellationToken cancel) =>
        await Session(session, cancel) is { Kind: SessionKind.Api } found && found.Account == account
            ? await Admitted(found, cancel)
            : null;

    public async Task<Caller?> Recognise(string cookie, CancellationToken cancel) =>
        CookieValue.Parse(cookie) is { } value
        && await Session(value.Session, cancel) is { Kind: SessionKind.Web } found
        && found.TokenDigest == SessionSecret.Digest(value.Secret)
            ? await Admitted(found, cancel)
            : null;

    /// <summary>A session that has not ended; its deadline may have passed.</summary>
    public async Task<SessionView?> Session(SessionId session, CancellationToken cancel) =>
        await sessions.Find(session.ToString(), cancel)
        ?? await FromLog(SessionProjection.Define(), SessionDecider.NameOf(session), cancel);

    public async Task<AccountView?> Account(AccountId account, CancellationToken cancel) =>
        await accounts.Find(account.ToString(), cancel)
        ?? await FromLog(AccountsProjection.Define(), AccountsDecider.StreamOf(account).Name, cancel);

    private async Task<Caller?> Admitted(SessionView session, CancellationToken cancel) =>
        clock.GetUtcNow() < session.Until
        && await Account(session.Account, cancel) is { } account
        && account.Admits(session)
            ? new Caller(session.Account, session.Id, account.IsAdministrator) { IsAuditor = account.IsAuditor }
            : null;

    private async Task<TView?> FromLog<TView>(Projection<TView> projection, string stream, CancellationToken cancel)
        where TView : class
    {
        object? view = null;
        await foreach (var happened in streams.Read(stream, 0, cancel))
            view = projection.Fold(view, happened);
        return (TView?)view;
    }
}
