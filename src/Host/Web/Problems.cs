using System.Diagnostics;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.Pipeline;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace EventFiles.Host.Web;

/// <summary>Whatever goes wrong outside a handler becomes problem details too, with a code a client can rely on.</summary>
internal static class Problems
{
    public static readonly Rejection Malformed = new(
        "malformed", RejectionKind.Malformed, "The request cannot be read: its body or a parameter has not the shape that the API document gives.");

    public static readonly Rejection BadCursor = new(
        "bad-cursor", RejectionKind.Malformed, "The cursor is not one that a former page handed out.");

    public static readonly Rejection NoSuchPath = new("no-such-path", RejectionKind.Missing, "There is nothing at this address.");

    public static readonly Rejection TooLarge = new("too-large", RejectionKind.TooLarge, "The request's body is larger than this operation takes.");

    public static readonly Rejection Unsupported = new(
        "media-type-not-taken", RejectionKind.Unsupported, "This operation does not take a body of this media type.");

    public static readonly Rejection Away = new(
        "not-now", RejectionKind.Away, "Something that this needs is away at the moment; come again soon.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Rejection DiskFull = new(
        "disk-full", RejectionKind.Away, "There is no room to write this; whoever runs this server must make some.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static readonly Rejection KeyLost = new(
        "content-key-missing", RejectionKind.Away, "The key that this content is encrypted with is not there; whoever runs this server must bring it back.");

    public static readonly Rejection Invalid = PipelineServices.WrongShape;

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Explain, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(context => Explain(context.HttpContext));
    }

    private static Task Explain(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        return (failure switch
        {
            BadCursorException => BadCursor.ToProblem(),
            // Views are not there because what they are made of does not open.
            TransientException when context.RequestServices.GetService<IKeyLoss>() is { IsKnown: true } => KeyIsLost(context, failure),
            not null when FullDisk.IsWhy(failure) => DiskIsFull(context, failure),
            // The pipeline has logged why.
            TransientException or ObjectStoreAwayException or NpgsqlException { IsTransient: true } => Away.ToProblem(),
            ObjectKeyLostException => KeyIsLost(context, failure),
            ObjectDamagedException => IsDamaged(context, failure),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge.ToProblem(),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Unsupported.ToProblem(),
            BadHttpRequestException => Malformed.ToProblem(),
            OperationCanceledException when context.RequestAborted.IsCancellationRequested => Results.StatusCode(499),
            not null => Broken(context, failure),
            null => Bare(context.Response.StatusCode),
        }).ExecuteAsync(context);
    }

    private static IResult Bare(int status) => status switch
    {
        StatusCodes.Status404NotFound => NoSuchPath.ToProblem(),
        StatusCodes.Status413PayloadTooLarge => TooLarge.ToProblem(),
        StatusCodes.Status415UnsupportedMediaType => Unsupported.ToProblem(),
        StatusCodes.Status400BadRequest => Malformed.ToProblem(),
        _ => Results.Problem(statusCode: status, type: Http.ProblemPrefix + $"status-{status}"),
    };

    // Trying again does not help until an operator has read the log.
    private static IResult KeyIsLost(HttpContext context, Exception failure)
    {
        Log(context, failure);
        return KeyLost.ToProblem();
    }

    private static IResult DiskIsFull(HttpContext context, Exception failure)
    {
        Log(context, failure);
        return DiskFull.ToProblem();
    }

    // As with a key. Which object it is stays in the log.
    private static IResult IsDamaged(HttpContext context, Exception failure)
    {
        Log(context, failure);
        return DamageRejection.Damaged.ToProblem();
    }

    private static string Log(HttpContext context, Exception failure)
    {
        var trace = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("EventFiles.Http")
            .LogError(failure, "{Method} {Route} failed, trace {Trace}", context.Request.Method, Route(context), trace);
        return trace;
    }

    // What broke stays in the log; the client gets the trace's id to ask about it.
    private static IResult Broken(HttpContext context, Exception failure)
    {
        var trace = Log(context, failure);
        return Results.Problem(
            statusCode: StatusCodes.Status500InternalServerError,
            type: Http.ProblemPrefix + "internal",
            title: "Something broke on our side",
            detail: "It has been logged. Trying again may help.",
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceId"] = trace });
    }

    // The pattern and not the path: a path may hold a link's token.
    private static string Route(HttpContext context) =>
        (context.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
}
