using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>Whom the caller has to do with already, as far as name or address begin so. Nobody else is found.</summary>
/// <param name="Query">The beginning of an address or of a word of a name; empty for all.</param>
public sealed record FindPeople(Caller By, string Query, int Limit) : IRequest<Answer<Page<PersonSummary>>>, IAsked;

/// <summary>Somebody whom you have to do with.</summary>
/// <param name="Id">The account; null for who was named by an address: whether that is anybody's is told to nobody.</param>
/// <param name="Email">The address; as you typed it for who was named by it.</param>
/// <param name="DisplayName">What they are called; null for who was named by an address.</param>
/// <param name="Avatar">Their picture, at <c>/api/people/{id}/avatar</c>; null for none.</param>
public sealed record PersonSummary(AccountId? Id, string Email, string? DisplayName, AvatarId? Avatar);

internal sealed class FindPeopleShape : AbstractValidator<FindPeople>
{
    // The longest e-mail address there can be.
    private const int MaxLength = 320;

    public FindPeopleShape()
    {
        RuleFor(ask => ask.Query).MaximumLength(MaxLength);
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 50);
    }
}
