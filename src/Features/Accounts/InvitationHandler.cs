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

/// <summary>Invitations that follow from what people do: no administrator stands behind them, so they open no door that is closed.</summary>
internal sealed class Invitations(IStreams streams, LetterThrottle letters, AccountsOptions options) : IInvitations
{
    public async Task<Answer<Done>> Invite(Guid id, AccountId by, string email, CancellationToken cancel)
    {
        if (options.SignUp is not (SignUpRule.Open or SignUpRule.Verified)
            || await AccountsClaims.AccountOf(streams, email, cancel) is not null)
            return default(Done);
        var invitation = new InvitationId(id);
        var stream = InvitationDecider.StreamOf(invitation, by);
        if ((await streams.Load(stream, InvitationDecider.Decider, cancel)).Id is not null
            || await letters.TakeFrom($"person {by}", cancel) is not null
            || await letters.Take(email, by.ToString(), cancel) is not null)
            return default(Done);
        return await streams.Transact<Done>(async transaction => await transaction.Decide(
            stream, InvitationDecider.Decider, new InvitationCommand.Invite(invitation, email, by)) is { } no ? no : default(Done), cancel);
    }
}
