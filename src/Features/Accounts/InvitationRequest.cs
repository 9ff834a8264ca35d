using FluentValidation;
using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>An administrator invites somebody to open an account.</summary>
public sealed record InvitePerson(Caller By, string Email) : IRequest<Answer<InvitationView>>, IAsked;

/// <summary>The invitations that stand, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListInvitations(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<InvitationView>>>, IAsked;

/// <summary>An invitation stands no more.</summary>
public sealed record WithdrawInvitation(Caller By, InvitationId Invitation) : IRequest<Answer<Done>>, IAsked;

/// <summary>An invitation is sent.</summary>
public sealed record SendInvitation(InvitationId Invitation, AccountId Owner) : IWork;

internal sealed class InvitePersonShape : AbstractValidator<InvitePerson>
{
    public InvitePersonShape() => RuleFor(ask => ask.Email)
        .Custom((email, context) => RegisterAccountShape.Report(EmailAddress.Problem(email), context));
}

internal sealed class ListInvitationsShape : AbstractValidator<ListInvitations>
{
    public ListInvitationsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
