using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventFiles.Infrastructure.EventStore;
using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>A request that bears a key has its effect once, and the same answer every time.</summary>
internal sealed class IdempotencyBehavior<TRequest, TResponse>(Once once) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    public Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        request is IAsked { By.Account: var account } && IdempotencyKey.Take() is { } key
            ? once.Ask(
                RepeatableRequest.Of(account, key, Fingerprint.Of(request), TResponse.Reply), () => next(),
                request as IBringsContent, cancellationToken)
            : next();
}

/// <summary>What makes a request another one than the next: its kind and all that it asks, whoever's session it rides on.</summary>
internal static class Fingerprint
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOut } },
    };

    public static byte[] Of<TRequest>(TRequest request) =>
        [.. Encoding.UTF8.GetBytes(typeof(TRequest).FullName!), 0, .. JsonSerializer.SerializeToUtf8Bytes(request, Json)];

    private static void LeaveOut(JsonTypeInfo type)
    {
        for (var at = type.Properties.Count - 1; at >= 0; at--)
        {
            var property = type.Properties[at].PropertyType;
            if (property == typeof(Caller) || property.IsAssignableTo(typeof(Stream)) || property.IsAssignableTo(typeof(Delegate)))
                type.Properties.RemoveAt(at);
        }
    }
}
