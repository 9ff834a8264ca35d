using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// The one place that holds every operation to what the caller's token was made for. It narrows and never widens: what
/// the account may is decided by each handler. Whoever must set up a second factor first is held here too.
/// </summary>
public static class ScopeGate
{
    public static readonly Rejection ScopeMissing = new(
        "accounts.scope-missing", RejectionKind.Forbidden, "The token was not made for this.");

    public static readonly Rejection FactorNeeded = new(
        "accounts.second-factor-required", RejectionKind.Forbidden, "Set up a second factor first: this server asks for one.");

    /// <summary>Behind authentication and authorization.</summary>
    public static void UseScopes(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<Caller>() is not { } caller || Refusal(caller, context) is not { } no)
            return next(context);
        // No request came of it that could tell.
        if (Origin.Current.Address is { } address)
        {
            context.RequestServices.GetService<IRefusals>()?.Tell(new RefusedRequest(
                context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "", no.Code, caller.Account, null,
                default, address, Activity.Current?.TraceId.ToString()));
        }

        return no.ToProblem().ExecuteAsync(context);
    });

    /// <summary>What a token needs for an operation; null when it takes a person who has signed in.</summary>
    /// <param name="route">As the operation declares it: <c>/api/files/{id}</c>.</param>
    public static TokenScopes? Needed(string method, string route)
    {
        var isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        var path = "/" + route.TrimStart('/');
        // Read from the top: the first that matches. A token makes no tokens and does not change who it belongs to. What a person
        // takes along has the sessions and tokens in it that no token reads.
        return path switch
        {
            _ when Is(path, "/api/auth") => null,
            _ when Is(path, "/api/me") && !isRead => null,
            _ when Is(path, "/api/exports") => null,
            _ when !isRead && Is(path, "/api/admin") && (Ends(path, "/tokens") || Ends(path, "/second-factor")) => null,
            _ when Is(path, "/api/admin") || Is(path, "/metrics") => TokenScopes.Admin,
            _ when Is(path, "/api/audit") || Is(path, "/api/holds") => TokenScopes.Audit,
            _ => isRead ? TokenScopes.Read : TokenScopes.Write,
        };
    }

    private static Rejection? Refusal(Caller caller, HttpContext context)
    {
        var (method, route) = (context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "");
        if (caller.Scopes is { } scopes)
            return Needed(method, route) is { } needed && scopes.HasFlag(needed) ? null : ScopeMissing;
        var path = "/" + route.TrimStart('/');
        // A token would be a way around it.
        var isOnTheWay = Is(path, "/api/me") || (Is(path, "/api/auth") && !Is(path, "/api/auth/tokens"));
        return caller.NeedsSecondFactor && !isOnTheWay ? FactorNeeded : null;
    }

    private static bool Ends(string path, string with) => path.EndsWith(with, StringComparison.OrdinalIgnoreCase);

    private static bool Is(string path, string under) =>
        path.StartsWith(under, StringComparison.OrdinalIgnoreCase) && (path.Length == under.Length || path[under.Length] == '/');
}
