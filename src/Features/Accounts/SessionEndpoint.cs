using System.Net;
using System.Net.Sockets;
using System.Text;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class SessionEndpoint
{
    /// <summary>Who signs in.</summary>
    /// <param name="Email">The account's address.</param>
    /// <param name="Password">Its password.</param>
    /// <param name="Code">What the authenticator shows, or a recovery code, for accounts with a second factor.</param>
    public sealed record LoginBody(string Email, string Password, string? Code = null);

    /// <summary>What renews a sign-in.</summary>
    /// <param name="RefreshToken">From the last reply of login or refresh.</param>
    public sealed record RefreshBody(string RefreshToken);

    private const string Secrets = "Tokens that open an account are kept nowhere.";

    public static void Map(IEndpointRouteBuilder api)
    {
        var sessions = api.MapGroup("/api/auth").WithTags("Accounts");
        sessions.MapPost("/login", Login).WithName("login").AllowAnonymous().TakesNoIdempotencyKey(Secrets)
            .WithSummary("Signs an API client in")
            .Produces<Tokens>()
            .Refuses(No.WrongCredentials, No.CodeNeeded, No.WrongCode, No.Disabled, No.AddressUnconfirmed, No.TooManyAttempts, No.Busy);
        sessions.MapPost("/refresh", Refresh).WithName("refreshTokens").AllowAnonymous().TakesNoIdempotencyKey(Secrets)
            .WithSummary("Exchanges a refresh token for the next pair of tokens")
            .Produces<Tokens>()
            .Refuses(No.SessionOver, No.TokenReused);
        sessions.MapPost("/logout", Logout).WithName("logout").TakesNoIdempotencyKey("The session that it rides on ends.")
            .WithSummary("Ends the session that the request rides on")
            .Produces(StatusCodes.Status204NoContent);
        sessions.MapPost("/web-session", OpenWeb).WithName("openWebSession").AllowAnonymous().TakesNoIdempotencyKey(Secrets)
            .WithSummary("Signs a browser in: sets the session cookie")
            .Produces<Me>()
            .Refuses(No.WrongCredentials, No.CodeNeeded, No.WrongCode, No.Disabled, No.AddressUnconfirmed, No.TooManyAttempts, No.Busy);
        sessions.MapDelete("/web-session", Logout).WithName("closeWebSession")
            .WithSummary("Signs the browser out: ends the session and clears its cookie")
            .Produces(StatusCodes.Status204NoContent);
        sessions.MapGet("/sessions", List).WithName("listSessions")
            .WithSummary("Where you are signed in, newest first")
            .Produces<Page<SessionSummary>>();
        sessions.MapDelete("/sessions", EndOthers).WithName("endOtherSessions")
            .WithSummary("Signs you out everywhere else")
            .Produces(StatusCodes.Status204NoContent);
        sessions.MapDelete("/sessions/{id:guid}", End).WithName("endSession")
            .WithSummary("Ends one of your sessions")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchSession);
    }

    /// <summary>Where the request comes from. An IPv6 customer has a whole /64 to choose addresses from.</summary>
    public static SignInFrom From(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var text = address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
        var device = new StringBuilder();
        foreach (var rune in context.Request.Headers.UserAgent.ToString().EnumerateRunes().Take(200))
            device.Append(Rune.IsControl(rune) ? ' ' : rune);
        return new SignInFrom(text, device.ToString());
    }

    private static async Task<IResult> Login(
        LoginBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        NotStored(context, (await mediator.Send(new Login(body.Email, body.Password, From(context), body.Code), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> Refresh(
        RefreshBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        NotStored(context, (await mediator.Send(new RefreshTokens(body.RefreshToken), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> OpenWeb(
        LoginBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenWebSession(body.Email, body.Password, From(context), body.Code), cancel)).ToHttp(
            opened => Opened(context, opened));

    private static async Task<IResult> Logout(
        Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new Logout(caller), cancel)).ToHttp(_ =>
        {
            if (context.Request.Cookies.ContainsKey(ISessions.CookieName))
                context.Response.Cookies.Delete(ISessions.CookieName, Cookie(context, maxAge: null));
            return TypedResults.NoContent();
        });

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListSessions(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> EndOthers(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new EndOtherSessions(caller), cancel)).ToHttp();

    private static async Task<IResult> End(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new EndSession(caller, new(id)), cancel)).ToHttp();

    /// <summary>The browser that has just signed in gets its cookie.</summary>
    internal static IResult Opened(HttpContext context, WebSession session)
    {
        context.Response.Cookies.Append(ISessions.CookieName, session.Cookie, Cookie(context, SessionDecider.Life));
        return TypedResults.Ok(session.Me);
    }

    // No script reads it and no other site makes a browser send it.
    internal static CookieOptions Cookie(HttpContext context, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };

    // RFC 6749, 5.1: a reply with tokens is kept by no cache.
    internal static IResult NotStored(HttpContext context, IResult result)
    {
        context.Response.Headers.CacheControl = "no-store";
        return result;
    }
}
