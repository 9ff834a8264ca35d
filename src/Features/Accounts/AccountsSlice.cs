using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Accounts;

/// <summary>Who people are here: accounts, passwords, and the sessions they sign in with.</summary>
public static class AccountsSlice
{
    public static Slice Define() => new Slice("accounts")
        .Serves(AccountsEndpoint.Map)
        .Serves(SessionEndpoint.Map)
        .Answers<RegisterAccount, NewAccount, AccountsHandler, RegisterAccountShape>()
        .Answers<ReadMe, Me, AccountsHandler>()
        .Answers<ChangeMe, Me, AccountsHandler, ChangeMeShape>()
        .Answers<SetAuditor, Done, AccountsHandler>()
        .Answers<ChangeMyPassword, Done, AccountsHandler, ChangeMyPasswordShape>()
        .Answers<Login, Tokens, SessionHandler, LoginShape>()
        .Answers<RefreshTokens, Tokens, SessionHandler, RefreshTokensShape>()
        .Answers<OpenWebSession, WebSession, SessionHandler, OpenWebSessionShape>()
        .Answers<Logout, Done, SessionHandler>()
        .Answers<ListSessions, Page<SessionSummary>, SessionHandler, ListSessionsShape>()
        .Answers<EndSession, Done, SessionHandler>()
        .Answers<EndOtherSessions, Done, SessionHandler>()
        .Answers<EndReusedSession, Done, SessionHandler>()
        .Stores<AccountsEvent.Registered>("accounts.registered.v1")
        .Stores<AccountsEvent.Appointed>("accounts.appointed.v1")
        .Stores<AccountsEvent.AuditorNamed>("accounts.auditor-named.v1")
        .Stores<AccountsEvent.AuditorDismissed>("accounts.auditor-dismissed.v1")
        .Stores<AccountsEvent.Renamed>("accounts.renamed.v1")
        .Stores<AccountsEvent.OthersSignedOut>("accounts.others-signed-out.v1")
        .Stores<AccountsEvent.PasswordChanged>("accounts.password-changed.v1")
        .Stores<SessionEvent.Opened>("accounts.session-opened.v1")
        .Stores<SessionEvent.Refreshed>("accounts.session-refreshed.v1")
        .Stores<SessionEvent.Ended>("accounts.session-ended.v1")
        .Claiming<AccountsEvent.Registered>(AccountsClaims.Of)
        .Claiming<AccountsEvent.Appointed>(AccountsClaims.Of)
        .Shows(AccountsProjection.Define())
        .Shows(SessionProjection.Define())
        .Hears<AccountsEvent.OthersSignedOut>((fact, _) => new EndVoidSessions(fact.Account))
        .Hears<AccountsEvent.PasswordChanged>((fact, _) => new EndVoidSessions(fact.Account))
        .Does<EndVoidSessions, SessionHandler>("accounts")
        .Due<SessionView>(SessionProjection.ByDeadline, view => new ExpireSession(view.Id, view.Account))
        .Does<ExpireSession, SessionHandler>("accounts")
        .Archives<SessionEvent.Ended>((_, happened) => happened.Stream.Name, SessionDecider.Decider.Until(session => session.HasEnded))
        .Offers<IAccounts, AccountsDirectory>()
        .Offers<ISessions, SessionRecognition>()
        .Needs(all => all.AddSingleton<SessionRecognition>().AddSingleton<SignInThrottle>());
}
