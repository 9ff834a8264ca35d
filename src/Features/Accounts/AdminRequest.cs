using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>All accounts, by address, for administrators.</summary>
/// <param name="Search">A part of the address or the name; null for all.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListAccounts(Caller By, string? Search, string? Cursor, int Limit) : IRequest<Answer<Page<AccountSummary>>>, IAsked;

/// <summary>One account, for administrators.</summary>
public sealed record ReadAccount(Caller By, AccountId Account) : IRequest<Answer<AccountSummary>>, IAsked;

/// <summary>An administrator keeps an account from signing in, or lets it again.</summary>
public sealed record SetDisabled(Caller By, AccountId Account, bool IsDisabled) : IRequest<Answer<Done>>, IAsked;

/// <summary>An administrator makes another account an administrator's, or no longer.</summary>
public sealed record SetAdministrator(Caller By, AccountId Account, bool IsAdministrator) : IRequest<Answer<Done>>, IAsked;

/// <summary>An account, as administrators see it. What it owns they do not see.</summary>
/// <param name="Id">The account's id.</param>
/// <param name="Email">The address that it signs in with.</param>
/// <param name="DisplayName">How others see it.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="IsAdministrator">May run the operator's requests.</param>
/// <param name="IsAuditor">May place and lift legal holds.</param>
/// <param name="IsDisabled">Opens nothing.</param>
/// <param name="EmailConfirmed">Whether mail to the address was read.</param>
/// <param name="HasSecondFactor">Whether signing in needs a code.</param>
/// <param name="IsService">A program's: it has tokens and no password.</param>
public sealed record AccountSummary(
    AccountId Id, string Email, string DisplayName, DateTimeOffset CreatedAt, bool IsAdministrator, bool IsAuditor,
    bool IsDisabled, bool EmailConfirmed, bool HasSecondFactor, bool IsService);

internal sealed class ListAccountsShape : AbstractValidator<ListAccounts>
{
    public ListAccountsShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Search).MaximumLength(254);
    }
}
