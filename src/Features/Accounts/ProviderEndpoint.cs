using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out. Browsers come here by themselves: they are sent on, and never shown a problem as JSON.</summary>
public static class ProviderEndpoint
{
    /// <summary>What a browser keeps for us while it is at the provider.</summary>
    public const string CookieName = "eventfiles_provider";

    private const string Path = "/api/auth/provider";

    public static void Map(IEndpointRouteBuilder api)
    {
        var ways = api.MapGroup("").WithTags("Accounts");
        ways.MapGet("/api/auth/ways", (IIdentityProvider provider, IPasskeys passkeys, AccountsOptions options) =>
                TypedResults.Ok(new SignInWays(provider.Name, options.SignUp, passkeys.Domain)))
            .WithName("getSignInWays").AllowAnonymous()
            .WithSummary("How people sign in here and who may open an account")
            .Produces<SignInWays>();
        // For browsers on their way, and for no client: not in the API document.
        ways.MapGet($"{Path}/start", Start).AllowAnonymous().ExcludeFromDescription();
        ways.MapGet($"{Path}/callback", Callback).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Start(HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new BeginProvider(), cancel)).ToHttp(begun =>
        {
            // Lax: the way back begins at another site.
            context.Response.Cookies.Append(CookieName, begun.Errand, Cookie(context, ProviderHandler.Patience));
            return TypedResults.Redirect(begun.Address.AbsoluteUri);
        });

    private static async Task<IResult> Callback(
        HttpContext context, IMediator mediator, CancellationToken cancel, string? code = null, string? state = null)
    {
        var errand = context.Request.Cookies[CookieName];
        context.Response.Cookies.Delete(CookieName, Cookie(context, maxAge: null));
        context.Response.Headers.CacheControl = "no-store";
        var answer = code is null || state is null || errand is null
            ? No.NotVouchedFor
            : await mediator.Send(new EndProvider(code, state, errand, SessionEndpoint.From(context)), cancel);
        if (answer is not Answer<WebSession>.Yes(var session, _))
            return TypedResults.Redirect($"/letter.html#refused={answer.Refusal!.Code}");
        context.Response.Cookies.Append(ISessions.CookieName, session.Cookie, SessionEndpoint.Cookie(context, SessionDecider.Life));
        return TypedResults.Redirect("/");
    }

    private static CookieOptions Cookie(HttpContext context, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = Path,
        MaxAge = maxAge,
        IsEssential = true,
    };
}
