using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>A token for a program that acts in the caller's name, or for a service account.</summary>
/// <param name="For">The service account, for administrators; null for the caller's own.</param>
public sealed record IssueToken(Caller By, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt, AccountId? For = null)
    : IRequest<Answer<IssuedToken>>, IAsked;

/// <summary>The tokens that were not revoked, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="For">The service account, for administrators; null for the caller's own.</param>
public sealed record ListTokens(Caller By, string? Cursor, int Limit, AccountId? For = null)
    : IRequest<Answer<Page<TokenSummary>>>, IAsked;

/// <summary>A token opens nothing any more.</summary>
public sealed record RevokeToken(Caller By, TokenId Token) : IRequest<Answer<Done>>, IAsked;

/// <summary>An account for a program, which has no password.</summary>
public sealed record OpenServiceAccount(Caller By, string DisplayName) : IRequest<Answer<NewAccount>>, IAsked;

/// <summary>A token that was just made.</summary>
/// <param name="Id">Its id; opens nothing.</param>
/// <param name="Token">What the program sends as a bearer token. Shown once.</param>
/// <param name="ExpiresAt">From then on it opens nothing.</param>
public sealed record IssuedToken(TokenId Id, string Token, DateTimeOffset ExpiresAt);

/// <summary>A token, without its secret.</summary>
/// <param name="Id">Its id; opens nothing.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do: read, write, admin, audit.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From then on it opens nothing.</param>
/// <param name="LastUsedOn">The newest day on which it was used (UTC).</param>
public sealed record TokenSummary(
    TokenId Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateOnly? LastUsedOn);

internal sealed class IssueTokenShape : AbstractValidator<IssueToken>
{
    public IssueTokenShape(TimeProvider clock)
    {
        RuleFor(ask => ask.Name).Custom((name, context) => RegisterAccountShape.Report(DisplayNames.Problem(name), context));
        RuleFor(ask => ask.Scopes).Must(scopes => TokenScopeNames.Read(scopes) is not null)
            .WithMessage("Scopes are one or more of read, write, admin and audit.");
        RuleFor(ask => ask.ExpiresAt).Must(at => at is null || (at > clock.GetUtcNow() && at <= clock.GetUtcNow() + TokenDecider.LongestLife))
            .WithMessage("A token is good until some time within the next 366 days.");
    }
}

internal sealed class ListTokensShape : AbstractValidator<ListTokens>
{
    public ListTokensShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class OpenServiceAccountShape : AbstractValidator<OpenServiceAccount>
{
    public OpenServiceAccountShape() => RuleFor(ask => ask.DisplayName)
        .Custom((name, context) => RegisterAccountShape.Report(DisplayNames.Problem(name), context));
}
