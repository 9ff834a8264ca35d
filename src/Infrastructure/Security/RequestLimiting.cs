using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Security;

/// <summary>How many requests a minute are answered; null: any number.</summary>
public sealed record RequestLimits
{
    /// <summary>Of one account, from wherever.</summary>
    public int? PerAccount { get; init; }

    /// <summary>Of everybody who has not signed in, from one network address.</summary>
    public int? PerAddress { get; init; }

    /// <summary>For one public link, of everybody.</summary>
    public int? PerLink { get; init; }
}

/// <summary>
/// Refuses whoever asks too often, before anything is done for them, and tells everybody how far they are
/// (<c>RateLimit-Limit</c>, <c>RateLimit-Remaining</c>, <c>RateLimit-Reset</c> in seconds, <c>Retry-After</c>).
/// </summary>
public static class RequestLimiting
{
    public static readonly Rejection TooMany = new(
        "too-many-requests", RejectionKind.Busy, "Too many requests; wait as long as Retry-After says.");

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Behind authentication: who has signed in is counted as an account, and nobody else's address pays for it.</summary>
    public static void UseRequestLimits(this IApplicationBuilder app, RequestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (limits is { PerAccount: null, PerAddress: null, PerLink: null })
            return;
        var counted = app.ApplicationServices.GetRequiredService<IRequestLimits>();
        app.Use(async (context, next) =>
        {
            if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } && IsOfTheApi(route)
                && await Closest(counted, limits, route, context) is var (limit, left))
            {
                Tell(context.Response, limit, left);
                if (!left.IsTaken)
                {
                    await (TooMany with { RetryAfter = left.Wait }).ToProblem().ExecuteAsync(context);
                    return;
                }
            }

            await next(context);
        });
    }

    private static bool IsOfTheApi(string route) => route.TrimStart('/').StartsWith("api/", StringComparison.OrdinalIgnoreCase);

    // Of those that count a request, the one that has the least left.
    private static async Task<(RequestLimit, LimitLeft)?> Closest(
        IRequestLimits counted, RequestLimits limits, string route, HttpContext context)
    {
        var closest = default((RequestLimit Limit, LimitLeft Left)?);
        foreach (var (who, most) in Who(limits, route, context))
        {
            var limit = new RequestLimit(most, Window);
            var left = await counted.Take(who, limit, context.RequestAborted);
            if (closest is null || !left.IsTaken || left.Left < closest.Value.Left.Left)
                closest = (limit, left);
            if (!left.IsTaken)
                break;
        }

        return closest;
    }

    private static IEnumerable<(string Who, int Most)> Who(RequestLimits limits, string route, HttpContext context)
    {
        if (context.Features.Get<Caller>() is { } caller)
        {
            if (limits.PerAccount is { } most)
                yield return ($"account {caller.Account}", most);
        }
        else if (limits.PerAddress is { } most)
        {
            yield return ($"address {SessionEndpoint.From(context).Address}", most);
        }

        // A link's token opens it: only its digest is kept.
        if (limits.PerLink is { } mostOfLink && route.TrimStart('/').StartsWith("api/links/{link}", StringComparison.OrdinalIgnoreCase)
            && context.GetRouteValue("link") is string token)
            yield return ($"link {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}", mostOfLink);
    }

    private static void Tell(HttpResponse response, RequestLimit limit, LimitLeft left)
    {
        response.Headers["RateLimit-Limit"] = limit.Most.ToString(CultureInfo.InvariantCulture);
        response.Headers["RateLimit-Remaining"] = left.Left.ToString(CultureInfo.InvariantCulture);
        var reset = left.Wait > TimeSpan.Zero ? left.Wait : limit.Window;
        response.Headers["RateLimit-Reset"] = Math.Ceiling(reset.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }
}
