using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace EventFiles.Features.Vocabulary;

/// <summary>The signed-in account on whose behalf a request runs.</summary>
/// <param name="Session">The sign-in that the request rides on.</param>
/// <param name="IsAdministrator">May run the operator's requests. Opens no content.</param>
public sealed record Caller(AccountId Account, SessionId Session, bool IsAdministrator) : IBindableFromHttpContext<Caller>
{
    /// <summary>Endpoints that take a caller require a signed-in one, so there is one here.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>A request that a signed-in account makes. The log records it as the actor.</summary>
public interface IAsked
{
    Caller By { get; }
}

/// <summary>What led to the events that are being appended; flows with the asynchronous call.</summary>
public sealed record Origin(AccountId? Actor, string? CorrelationId, string? CausationId)
{
    private static readonly AsyncLocal<Origin?> Flowing = new();

    /// <summary>The system by itself, when nothing was set.</summary>
    public static Origin Current
    {
        get => Flowing.Value ?? new Origin(null, null, null);
        set => Flowing.Value = value;
    }
}
