using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>Sends what is to be sent. The work names ids: addresses and links are found here and stand in no queue.</summary>
internal sealed class PostHandler(IStreams streams, IMail mail, ISeals seals, AccountsOptions options, TimeProvider clock) :
    IRequestHandler<SendLetter, Answer<Done>>,
    IRequestHandler<SendInvitation, Answer<Done>>,
    IRequestHandler<TellFormerAddress, Answer<Done>>,
    IRequestHandler<WarnOfPasskey, Answer<Done>>
{
    // What is spent or void by now is not sent any more, so that late work sends nothing that opens nothing.
    public async Task<Answer<Done>> Handle(SendLetter work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn || options.Site is not { } site)
            return default(Done);
        var letters = await streams.Load(LetterDecider.StreamOf(work.Owner), LetterDecider.Decider, cancellationToken);
        if (letters.Find(work.Letter, clock.GetUtcNow()) is { } letter && letter.To != PersonalAttribute.Erased)
            await mail.Send(LetterText.Of(letter, site, LetterToken.Of(seals, work.Owner, letter.Id)), cancellationToken);
        return default(Done);
    }

    public async Task<Answer<Done>> Handle(SendInvitation work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn || options.Site is not { } site)
            return default(Done);
        var invitation = await streams.Load(
            InvitationDecider.StreamOf(work.Invitation, work.Owner), InvitationDecider.Decider, cancellationToken);
        if (invitation.IsOpen(clock.GetUtcNow()) && invitation.Email != PersonalAttribute.Erased)
        {
            await mail.Send(
                LetterText.Invitation(
                    work.Invitation, invitation.Email, invitation.Until, site, LetterToken.Of(seals, work.Owner, work.Invitation)),
                cancellationToken);
        }

        return default(Done);
    }

    public async Task<Answer<Done>> Handle(TellFormerAddress work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn || options.Site is not { } site)
            return default(Done);
        await foreach (var happened in streams.Read(AccountsDecider.StreamOf(work.Owner).Name, 0, cancellationToken))
        {
            if (happened.Fact is AccountsEvent.AddressChanged changed && changed.Letter == work.Letter && changed.Former != PersonalAttribute.Erased)
                await mail.Send(LetterText.Told(work.Letter, changed.Former, site), cancellationToken);
        }

        return default(Done);
    }

    public async Task<Answer<Done>> Handle(WarnOfPasskey work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn || options.Site is not { } site)
            return default(Done);
        var account = await streams.Load(AccountsDecider.StreamOf(work.Owner), AccountsDecider.Decider, cancellationToken);
        if (account is { IsClosed: false, Email: { Length: > 0 } to } && to != PersonalAttribute.Erased)
            await mail.Send(LetterText.OfPasskey(work.Suspicion, to, site), cancellationToken);
        return default(Done);
    }
}
