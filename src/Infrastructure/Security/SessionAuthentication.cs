using System.Security.Claims;
using System.Text.Encodings.Web;
using EventFiles.Features.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Claim = System.Security.Claims.Claim;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// Finds out who asks: by a bearer token, else by a browser's cookie. The session behind either is looked up for each
/// request, so what ends it counts from the next request on.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, Es256Tokens tokens,
    ISessions sessions) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "EventFiles";

    /// <summary>
    /// A page of another site can make a browser send the cookie, but cannot add a header without this server's leave.
    /// </summary>
    public const string CsrfHeader = "EventFiles-Csrf";

    private const string Bearer = "Bearer ";

    private bool isForged;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // A bad token is not made good by a cookie: a client that sends one means it.
        var authorization = Request.Headers.Authorization;
        if (authorization.Count > 0)
            return authorization is [{ } header] ? await ByToken(header) : AuthenticateResult.Fail("Several credentials.");

        if (!Request.Cookies.TryGetValue(ISessions.CookieName, out var cookie) || string.IsNullOrEmpty(cookie))
            return AuthenticateResult.NoResult();
        if (await sessions.Recognise(cookie, Context.RequestAborted) is not { } caller)
            return AuthenticateResult.Fail("The cookie's session is unknown or over.");
        isForged = !IsFromOwnPage();
        return isForged
            ? AuthenticateResult.Fail("Not asked by one of our own pages.")
            : SignedIn(caller, cancel => sessions.Recognise(cookie, cancel));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (isForged)
            return SecurityRefusals.Csrf.ToProblem().ExecuteAsync(Context);
        // RFC 6750, 3: no error code for who sent no token.
        Response.Headers.WWWAuthenticate = Request.Headers.Authorization.Count > 0
            ? "Bearer realm=\"eventfiles\", error=\"invalid_token\""
            : "Bearer realm=\"eventfiles\"";
        return SecurityRefusals.SignInFirst.ToProblem().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        SecurityRefusals.NotAllowed.ToProblem().ExecuteAsync(Context);

    private async Task<AuthenticateResult> ByToken(string header)
    {
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.Fail("Not a bearer token.");
        var text = header[Bearer.Length..].Trim();
        return await Holder(text, Context.RequestAborted) is { } caller
            ? SignedIn(caller, cancel => Holder(text, cancel))
            : AuthenticateResult.Fail("The token is not good, or its session is over.");
    }

    // A signed token has dots, and one that was made for a program has none.
    private async Task<Caller?> Holder(string text, CancellationToken cancel) =>
        !text.Contains('.', StringComparison.Ordinal) ? await sessions.RecogniseToken(text, cancel)
        : tokens.Verify(text) is { } token ? await sessions.Recognise(token.Account, token.Session, cancel)
        : null;

    private AuthenticateResult SignedIn(Caller caller, Func<CancellationToken, Task<Caller?>> again)
    {
        Context.Features.Set(caller);
        Context.Features.Set(new CallerNow(again));
        var identity = new ClaimsIdentity(
            [new Claim("sub", caller.Account.ToString()), new Claim("sid", caller.Session.ToString())], SchemeName, "sub", "role");
        if (caller.IsAdministrator)
            identity.AddClaim(new Claim("role", "administrator"));
        if (caller.IsAuditor)
            identity.AddClaim(new Claim("role", "auditor"));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    // A web socket begins with GET and changes things afterwards; browsers send its Origin, but let no page add a header.
    private bool IsFromOwnPage()
    {
        if (Context.WebSockets.IsWebSocketRequest || string.Equals(Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase))
            return HasOwnOrigin();
        return HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method) || HttpMethods.IsOptions(Request.Method)
            || (Request.Headers[CsrfHeader] == "1" && HasOwnOrigin());
    }

    private bool HasOwnOrigin() => Request.Headers.Origin switch
    {
        [] => true,
        [{ } origin] => Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && Request.Host.HasValue
            && string.Equals(from.Host, Request.Host.Host, StringComparison.OrdinalIgnoreCase)
            && from.Port == (Request.Host.Port ?? (from.Scheme == Uri.UriSchemeHttps ? 443 : 80)),
        _ => false,
    };
}
