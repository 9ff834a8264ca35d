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

    /// <summary>The holder of a token that an account made for a program; null also when it is expired or revoked.</summary>
    Task<Caller?> RecogniseToken(string token, CancellationToken cancel);
}

/// <summary>
/// Sessions and accounts from the read model; from the log itself where the read model has none, so that somebody who
/// just signed in is known even on a node that lags.
/// </summary>
internal sealed class SessionRecognition(
    IReadModel<SessionView> sessions, IReadModel<AccountView> accounts, IReadModel<TokenView> tokens, IStreams streams,
    AccountsOptions options, TimeProvider clock) : ISessions
{
    public async Task<Caller?> Recognise(AccountId account, SessionId session, CancellationToken cancel) =>
        await Session(session, cancel) is { Kind: SessionKind.Api } found && found.Account == account
            ? await Admitted(found, cancel)
            : null;

    public async Task<Caller?> Recognise(string cookie, CancellationToken cancel) =>
        CookieValue.Parse(cookie) is { } value
        && await Session(value.Session, cancel) is { Kind: SessionKind.Web } found
        && found.TokenDigest == SessionSecret.Shorten(SessionSecret.Digest(value.Secret))
            ? await Admitted(found, cancel)
            : null;

    public async Task<Caller?> RecogniseToken(string token, CancellationToken cancel)
    {
        if (PersonalToken.Parse(token) is not { } value
            || await Token(value.Id, cancel) is not { } found
            || found.Digest != SessionSecret.Digest(value.Secret)
            || clock.GetUtcNow() >= found.ExpiresAt
            || await Account(found.Account, cancel) is not { IsDisabled: false } account
            || found.CreatedAt < account.TokensSince)
            return null;
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (found.UsedOn < today || found.UsedOn is null)
            await NoteUse(found, today, cancel);
        // What the account may and the token was not made for, it may not.
        return new Caller(account.Id, default, account.IsAdministrator && found.Scopes.HasFlag(TokenScopes.Admin))
        {
            IsAuditor = account.IsAuditor && found.Scopes.HasFlag(TokenScopes.Audit),
            Scopes = found.Scopes,
        };
    }

    /// <summary>A token that was not revoked; its time may be over.</summary>
    public async Task<TokenView?> Token(TokenId token, CancellationToken cancel) =>
        await tokens.Find(token.ToString(), cancel)
        ?? await FromLog(TokenProjection.Define(), TokenDecider.NameOf(token), cancel);

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
            ? new Caller(session.Account, session.Id, account.IsAdministrator)
            {
                IsAuditor = account.IsAuditor,
                NeedsSecondFactor = !account.HasFactor && !session.IsByPasskey && options.Requires(account.IsAdministrator),
            }
            : null;

    // Once a day, by whichever node is first; that it could not be noted keeps nobody out.
    private async Task NoteUse(TokenView token, DateOnly today, CancellationToken cancel)
    {
        try
        {
            await streams.Transact<Done>(async transaction => await transaction.Decide(
                TokenDecider.StreamOf(token.Id, token.Account), TokenDecider.Decider, new TokenCommand.NoteUse(today)) is { } no
                    ? no
                    : default(Done), cancel);
        }
        catch (TransientException)
        {
            // The next request notes it.
        }
    }

    private async Task<TView?> FromLog<TView>(Projection<TView> projection, string stream, CancellationToken cancel)
        where TView : class
    {
        object? view = null;
        await foreach (var happened in streams.Read(stream, 0, cancel))
            view = projection.Fold(view, happened);
        return (TView?)view;
    }
}
