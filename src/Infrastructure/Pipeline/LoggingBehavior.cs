using MediatR;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>One line for each request: its type, how it ended, how long it took. Never its contents: they are personal.</summary>
internal sealed class LoggingBehavior<TRequest, TResponse>(ILoggerFactory logs, TimeProvider clock) :
    IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    private readonly ILogger log = logs.CreateLogger(RequestLog.Category);

    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var name = typeof(TRequest).Name;
        var start = clock.GetTimestamp();
        try
        {
            var answer = await next();
            if (answer.Refusal is { } why)
                log.Refused(name, why.Code, clock.GetElapsedTime(start).TotalMilliseconds);
            else
                log.Answered(name, answer.EventPosition, clock.GetElapsedTime(start).TotalMilliseconds);
            return answer;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.Cancelled(name, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
        catch (BadCursorException)
        {
            log.Refused(name, "bad-cursor", clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
        catch (TransientException why)
        {
            log.Delayed(why, name, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
        catch (Exception why)
        {
            log.Failed(why, name, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
    }
}

internal static partial class RequestLog
{
    public const string Category = "EventFiles.Requests";

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request} answered at position {Position} in {Milliseconds:F1} ms")]
    public static partial void Answered(this ILogger log, string request, long position, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Request} refused with {Code} in {Milliseconds:F1} ms")]
    public static partial void Refused(this ILogger log, string request, string code, double milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request} was given up by its caller after {Milliseconds:F1} ms")]
    public static partial void Cancelled(this ILogger log, string request, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Request} could not be done now, after {Milliseconds:F1} ms")]
    public static partial void Delayed(this ILogger log, Exception why, string request, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed after {Milliseconds:F1} ms")]
    public static partial void Failed(this ILogger log, Exception why, string request, double milliseconds);
}
