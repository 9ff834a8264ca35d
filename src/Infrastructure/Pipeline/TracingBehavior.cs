using System.Diagnostics;
using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>What traces and metrics of this program are called.</summary>
public static class Tracing
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "EventFiles";

    internal static readonly ActivitySource Source = new(Name);
}

/// <summary>
/// A span for each request, and the origin of the events that it leads to: who asked, in which trace. What a queue or an
/// outer request has set stays.
/// </summary>
internal sealed class TracingBehavior<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using var span = Tracing.Source.StartActivity(typeof(TRequest).Name);
        var origin = Origin.Current;
        Origin.Current = origin with
        {
            Actor = origin.Actor ?? (request as IAsked)?.By.Account,
            Request = origin.Request ?? typeof(TRequest).Name,
            CorrelationId = origin.CorrelationId ?? Activity.Current?.TraceId.ToString(),
        };
        try
        {
            var answer = await next();
            if (answer.Refusal is { } why)
                span?.SetTag("eventfiles.refusal", why.Code);
            return answer;
        }
        catch (Exception why)
        {
            span?.SetTag("error.type", why.GetType().FullName);
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
