using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>An address and a password, for tokens.</summary>
/// <param name="From">Where the request comes from.</param>
/// <param name="Code">Of the second factor; null when none was sent.</param>
public sealed record Login(string Email, string Password, SignInFrom From, string? Code = null)
    : IRequest<Answer<Tokens>>, ISignsIn;

/// <summary>A refresh token, for the next pair of tokens.</summary>
public sealed record RefreshTokens(string RefreshToken) : IRequest<Answer<Tokens>>;

/// <summary>An address and a password, for a browser's cookie.</summary>
/// <param name="From">Where the request comes from.</param>
/// <param name="Code">Of the second factor; null when none was sent.</param>
public sealed record OpenWebSession(string Email, string Password, SignInFrom From, string? Code = null)
    : IRequest<Answer<WebSession>>, ISignsIn;

/// <summary>The session that the caller rides on ends.</summary>
public sealed record Logout(Caller By) : IRequest<Answer<Done>>, IAsked;

/// <summary>The caller's sessions, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListSessions(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<SessionSummary>>>, IAsked;

/// <summary>One session of the caller's ends.</summary>
public sealed record EndSession(Caller By, SessionId Session) : IRequest<Answer<Done>>, IAsked;

/// <summary>All sessions of the caller's end but the one that the request rides on.</summary>
public sealed record EndOtherSessions(Caller By) : IRequest<Answer<Done>>, IAsked;

/// <summary>A session whose spent refresh token turned up ends, whoever holds it.</summary>
internal sealed record EndReusedSession(SessionId Session, AccountId Account) : IRequest<Answer<Done>>;

/// <summary>A session ends because its deadline has passed.</summary>
public sealed record ExpireSession(SessionId Session, AccountId Owner) : IWork;

/// <summary>The sessions that the account does not admit any more are ended one by one.</summary>
public sealed record EndVoidSessions(AccountId Owner) : IWork;

/// <summary>Where somebody signs in from.</summary>
/// <param name="Address">The network address, for the limit on failed attempts; that a session was opened from it is told, sealed.</param>
/// <param name="Device">What the client says it is; shown to the account among its sessions.</param>
public sealed record SignInFrom(string Address, string Device);

/// <summary>What an API client signs in with.</summary>
/// <param name="AccessToken">Goes into the Authorization header of every request.</param>
/// <param name="RefreshToken">Good for one exchange for the next pair; within 30 seconds it may be repeated when the reply was lost.</param>
/// <param name="TokenType">Bearer.</param>
/// <param name="ExpiresIn">Seconds for which the access token is good.</param>
public sealed record Tokens(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn);

/// <summary>A browser's session.</summary>
/// <param name="Me">The account that signed in.</param>
/// <param name="Cookie">The cookie's value: its secret is nowhere else.</param>
public sealed record WebSession(Me Me, string Cookie);

/// <summary>One sign-in of the caller's.</summary>
/// <param name="Id">The session's id; opens nothing.</param>
/// <param name="Kind">api or web.</param>
/// <param name="Device">What the client said it is.</param>
/// <param name="OpenedAt">When it signed in.</param>
/// <param name="RefreshedAt">When it last renewed its tokens.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed before.</param>
/// <param name="IsCurrent">Whether this request rides on it.</param>
public sealed record SessionSummary(
    SessionId Id, string Kind, string Device, DateTimeOffset OpenedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt,
    bool IsCurrent);

internal sealed class LoginShape : AbstractValidator<Login>
{
    public LoginShape()
    {
        RuleFor(ask => ask.Email).NotEmpty().MaximumLength(1024);
        RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
        RuleFor(ask => ask.Code).MaximumLength(64);
    }
}

internal sealed class OpenWebSessionShape : AbstractValidator<OpenWebSession>
{
    public OpenWebSessionShape()
    {
        RuleFor(ask => ask.Email).NotEmpty().MaximumLength(1024);
        RuleFor(ask => ask.Password).NotEmpty().MaximumLength(PasswordRule.MaxLength);
        RuleFor(ask => ask.Code).MaximumLength(64);
    }
}

internal sealed class RefreshTokensShape : AbstractValidator<RefreshTokens>
{
    public RefreshTokensShape() => RuleFor(ask => ask.RefreshToken).NotEmpty().MaximumLength(1024);
}

internal sealed class ListSessionsShape : AbstractValidator<ListSessions>
{
    public ListSessionsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
