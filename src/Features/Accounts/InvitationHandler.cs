using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>What administrators do with invitations.</summary>
internal sealed class InvitationHandler(IStreams streams, IReadModel<InvitationView> views, TimeProvider clock) :
    IRequestHandler<InvitePerson, Answer<InvitationView>>,
    IRequestHandler<ListInvitations, Answer<Page<InvitationView>>>,
    IRequestHandler<WithdrawInvitation, Answer<Done>>
{
    public async Task<Answer<InvitationView>> Handle(InvitePerson ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        if (await AccountsClaims.AccountOf(streams, ask.Email, cancellationToken) is not null)
            return No.EmailTaken;
        var invite = new InvitationCommand.Invite(NewId.Of<InvitationId>(clock), ask.Email.Trim(), ask.By.Account);
        return await streams.Transact<InvitationView>(async transaction => await transaction.Decide(
            InvitationDecider.StreamOf(invite.Invitation, invite.By), InvitationDecider.Decider, invite) is { } no
                ? no
                : new InvitationView(
                    invite.Invitation, invite.Email, invite.By, transaction.Now, transaction.Now + InvitationDecider.Life),
            cancellationToken);
    }

    public async Task<Answer<Page<InvitationView>>> Handle(ListInvitations ask, CancellationToken cancellationToken) =>
        ask.By.IsAdministrator
            ? await views.List(InvitationProjection.All, ask.Cursor, ask.Limit, descending: true, cancellationToken)
            : No.AdministratorsOnly;

    public async Task<Answer<Done>> Handle(WithdrawInvitation ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        if (await views.Find(ask.Invitation.ToString(), cancellationToken) is not { } view)
            return No.NoSuchInvitation;
        return await streams.Transact<Done>(async transaction => await transaction.Decide(
            InvitationDecider.StreamOf(view.Id, view.By), InvitationDecider.Decider,
            new InvitationCommand.Withdraw(ask.By.Account)) is { } no
                ? no
                : default(Done), cancellationToken);
    }
}
