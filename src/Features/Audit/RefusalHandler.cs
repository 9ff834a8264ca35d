using MediatR;

namespace EventFiles.Features.Audit;

/// <summary>Writes refusals into the log. What was refused did nothing, so nobody waits for it.</summary>
internal sealed class RefusalHandler(IStreams streams, IAccounts accounts) :
    IRequestHandler<RecordRefusal, Answer<RefusalPlace>>,
    IRequestHandler<RecordRepeats, Answer<Done>>,
    IRequestHandler<RecordCount, Answer<Done>>
{
    public async Task<Answer<RefusalPlace>> Handle(RecordRefusal ask, CancellationToken cancellationToken)
    {
        var refused = ask.Refused;
        // Whoever signs in in vain has not proved who they are: the account is what it was about, and what is personal is its.
        var tried = refused.Email is { } email ? (await accounts.FindByEmail(email, cancellationToken))?.Id : null;
        var about = refused.Target with { Account = refused.Target.Account ?? tried };
        var stream = AuditDecider.StreamOf(ask.Refusal, about, refused.Actor ?? tried ?? AuditDecider.Nobody);
        var answer = await Write(stream, new AuditCommand.Refuse(
            ask.Refusal, refused.Request, refused.Code, about.File, about.Folder, about.Account, refused.Address), cancellationToken);
        return answer.Map(_ => new RefusalPlace(stream));
    }

    public Task<Answer<Done>> Handle(RecordRepeats ask, CancellationToken cancellationToken) =>
        Write(ask.Stream, new AuditCommand.RefuseAgain(ask.Refusal, ask.Times, ask.Until), cancellationToken);

    public Task<Answer<Done>> Handle(RecordCount ask, CancellationToken cancellationToken) => Write(
        AuditDecider.StreamOf(ask.Refusal, default, ask.Whose),
        new AuditCommand.RefuseMore(ask.Refusal, ask.Times, ask.From, ask.Until), cancellationToken);

    private Task<Answer<Done>> Write(StreamId stream, AuditCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction => await transaction.Decide(stream, AuditDecider.Decider, command) is { } no ? no : default(Done), cancel);
}
