using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace EventFiles.Features.Vocabulary;

/// <summary>The one place where answers become HTTP.</summary>
public static class Http
{
    /// <summary>Problem types are <c>urn:eventfiles:problem:</c> and the refusal's code.</summary>
    public const string ProblemPrefix = "urn:eventfiles:problem:";

    /// <summary>A reply's position in the log; a client may hand it to a later read.</summary>
    public const string PositionHeader = "Event-Position";

    /// <summary>The reply that <paramref name="yes"/> makes of the value, with its position; or the refusal's problem.</summary>
    public static IResult ToHttp<T>(this Answer<T> answer, Func<T, IResult> yes) => answer switch
    {
        Answer<T>.Yes(var value, var position) => new Positioned(yes(value), position),
        Answer<T>.No(var why) => why.ToProblem(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>204, or the refusal's problem.</summary>
    public static IResult ToHttp(this Answer<Done> answer) => answer.ToHttp(_ => TypedResults.NoContent());

    /// <summary>The refusal as RFC 9457 problem details.</summary>
    public static IResult ToProblem(this Rejection why)
    {
        var problem = new ProblemDetails
        {
            Type = ProblemPrefix + why.Code,
            Title = Title(why.Kind),
            Status = Status(why.Kind),
            Detail = why.Detail,
        };
        if (why.Errors is { } errors)
            problem.Extensions["errors"] = errors;
        var result = TypedResults.Problem(problem);
        return why.RetryAfter is { } wait ? new Delayed(result, wait) : result;
    }

    /// <summary>
    /// The tags of an <c>If-Match</c>; null when there is none. RFC 9110 compares strongly here: a weak tag matches nothing,
    /// and neither does what is no tag at all.
    /// </summary>
    public static IReadOnlyList<string>? StrongTags(string? ifMatch) =>
        ifMatch is null ? null
        : EntityTagHeaderValue.TryParseList([ifMatch], out var tags)
            ? [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString())]
            : [];

    /// <summary>The status of each kind of refusal.</summary>
    public static int Status(RejectionKind kind) => kind switch
    {
        RejectionKind.Malformed => StatusCodes.Status400BadRequest,
        RejectionKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        RejectionKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        RejectionKind.Forbidden => StatusCodes.Status403Forbidden,
        RejectionKind.Missing => StatusCodes.Status404NotFound,
        RejectionKind.Conflict => StatusCodes.Status409Conflict,
        RejectionKind.Gone => StatusCodes.Status410Gone,
        RejectionKind.Stale => StatusCodes.Status412PreconditionFailed,
        RejectionKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RejectionKind.Unsupported => StatusCodes.Status415UnsupportedMediaType,
        RejectionKind.Busy => StatusCodes.Status429TooManyRequests,
        RejectionKind.Broken => StatusCodes.Status500InternalServerError,
        RejectionKind.Corrupted => 460,
        RejectionKind.Away => StatusCodes.Status503ServiceUnavailable,
        RejectionKind.OverQuota => StatusCodes.Status507InsufficientStorage,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Tells the API document which refusals an operation has; each becomes an example of its status.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params Rejection[] refusals) =>
        route.WithMetadata(new RefusesMetadata(refusals));

    /// <summary>Tells the API document of a header that requests to an operation carry.</summary>
    public static TRoute Takes<TRoute>(this TRoute route, string header, string description, bool isRequired = false)
        where TRoute : IEndpointConventionBuilder =>
        route.WithMetadata(new RequestHeader(header, description, isRequired));

    /// <summary>Tells the API document of a header that an operation's replies carry when they say yes.</summary>
    public static TRoute Tells<TRoute>(this TRoute route, string header, string description)
        where TRoute : IEndpointConventionBuilder =>
        route.WithMetadata(new ReplyHeader(header, description));

    /// <summary>
    /// A client may repeat this with the header <c>Idempotency-Key</c>: it has its effect once, and the same reply every time.
    /// For operations whose reply is what the last of their transactions answers.
    /// </summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder route) =>
        route.WithMetadata(new IdempotencyMetadata(null));

    /// <summary>The header <c>Idempotency-Key</c> makes no difference here, and the API document says why.</summary>
    /// <param name="because">A sentence.</param>
    public static RouteHandlerBuilder TakesNoIdempotencyKey(this RouteHandlerBuilder route, string because) =>
        route.WithMetadata(new IdempotencyMetadata(because));

    /// <summary>The title of each kind of refusal.</summary>
    public static string Title(RejectionKind kind) => kind switch
    {
        RejectionKind.Malformed => "The request cannot be read",
        RejectionKind.Invalid => "The request makes no sense",
        RejectionKind.Unauthenticated => "Sign in first",
        RejectionKind.Forbidden => "Not allowed",
        RejectionKind.Missing => "Not found",
        RejectionKind.Conflict => "Conflict",
        RejectionKind.Gone => "Gone",
        RejectionKind.Stale => "Changed meanwhile",
        RejectionKind.TooLarge => "Too large",
        RejectionKind.Unsupported => "Type not taken",
        RejectionKind.Busy => "Too many requests",
        RejectionKind.Away => "Not available at the moment",
        RejectionKind.Broken => "Something broke on our side",
        RejectionKind.Corrupted => "Other bytes than announced",
        RejectionKind.OverQuota => "Not enough space",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private sealed class Positioned(IResult inner, long position) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (position > 0)
                httpContext.Response.Headers[PositionHeader] = position.ToString(CultureInfo.InvariantCulture);
            return inner.ExecuteAsync(httpContext);
        }
    }

    private sealed class Delayed(IResult inner, TimeSpan wait) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter =
                Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return inner.ExecuteAsync(httpContext);
        }
    }
}

/// <summary>The refusals of one operation, for the API document.</summary>
public sealed record RefusesMetadata(IReadOnlyList<Rejection> Refusals);

/// <summary>Whether an operation takes an idempotency key.</summary>
/// <param name="WhyNot">Null when it does.</param>
public sealed record IdempotencyMetadata(string? WhyNot);

/// <summary>A header of an operation's requests, for the API document.</summary>
public sealed record RequestHeader(string Name, string Description, bool IsRequired);

/// <summary>A header of an operation's replies that say yes, for the API document.</summary>
public sealed record ReplyHeader(string Name, string Description);
