using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace EventFiles.Features.Vocabulary;

/// <summary>The signed-in account on whose behalf a request runs.</summary>
/// <param name="Session">The sign-in that the request rides on.</param>
/// <param name="IsAdministrator">May run the operator's requests. Opens no content.</param>
public sealed record Caller(AccountId Account, SessionId Session, bool IsAdministrator) : IBindableFromHttpContext<Caller>
{
    /// <summary>Places and lifts legal holds. Opens no content either.</summary>
    public bool IsAuditor { get; init; }

    /// <summary>What a token that was made for a program lets it do; null for whoever has signed in, who may do all.</summary>
    public TokenScopes? Scopes { get; init; }

    /// <summary>Whoever runs the server asks for a second factor, and the account has none: it sets one up, and no more.</summary>
    public bool NeedsSecondFactor { get; init; }

    /// <summary>Endpoints that take a caller require a signed-in one, so there is one here.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>Looks again who asks, for what goes on long after a request was let in.</summary>
/// <param name="Look">The caller as a request that came now would have them; null when it would not be let in.</param>
public sealed record CallerNow(Func<CancellationToken, Task<Caller?>> Look) : IBindableFromHttpContext<CallerNow>
{
    /// <summary>Whoever let the caller in set this too.</summary>
    public static ValueTask<CallerNow?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<CallerNow>());
}

/// <summary>What a token lets a program do in its account's name, never more than the account itself may.</summary>
[Flags]
public enum TokenScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>See what the account sees.</summary>
    Read = 1,

    /// <summary>Change what the account may change.</summary>
    Write = 2,

    /// <summary>Run the operator's requests, for accounts of administrators.</summary>
    Admin = 4,

    /// <summary>See what auditors see and do what they do, for their accounts.</summary>
    Audit = 8,
}

/// <summary>A request that a signed-in account makes. The log records it as the actor.</summary>
public interface IAsked
{
    Caller By { get; }
}

/// <summary>
/// A request with contents that are read as they come: when it is repeated, nothing but reading them tells whether it is
/// the same one.
/// </summary>
public interface IBringsContent
{
    /// <summary>Reads all, and says whether that reply was given to the same contents.</summary>
    Task<bool> IsAnsweredBy(object reply, CancellationToken cancel);
}

/// <summary>What led to the events that are being appended; flows with the asynchronous call.</summary>
public sealed record Origin(AccountId? Actor, string? CorrelationId, string? CausationId)
{
    private static readonly AsyncLocal<Origin?> Flowing = new();

    /// <summary>By which door it came: <c>api</c>, <c>work</c>, <c>routine</c> or <c>operator</c>; null when nobody said.</summary>
    public string? Via { get; init; }

    /// <summary>The kind of the request: <c>CreateFolder</c>.</summary>
    public string? Request { get; init; }

    /// <summary>The network address that a client's request came from; null for all others. Personal: no header of an event has it.</summary>
    public string? Address { get; init; }

    /// <summary>Which of the actor's addresses that is, for headers of events; null where it was not noted.</summary>
    public int? AddressNumber { get; init; }

    /// <summary>A client asks something and means to change nothing.</summary>
    public bool IsQuestion { get; init; }

    /// <summary>The system by itself, when nothing was set.</summary>
    public static Origin Current
    {
        get => Flowing.Value ?? new Origin(null, null, null);
        set => Flowing.Value = value;
    }
}
