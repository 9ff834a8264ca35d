namespace EventFiles.Features.Audit;

/// <summary>Writes refusals into the log. What was refused did nothing, so nobody waits for it.</summary>
internal sealed class RefusalLog(IStreams streams, IAccounts accounts) : IRefusalLog
{
    public async Task<Answer<StreamId>> Record(Guid refusal, RefusedRequest refused, CancellationToken cancel)
    {
        // Whoever signs in in vain has not proved who they are: the account is what it was about, and what is personal is its.
        var tried = refused.Email is { } email ? (await accounts.FindByEmail(email, cancel))?.Id
            : refused.Claimed is { } claimed ? (await accounts.Find(claimed, cancel))?.Id
            : null;
        var about = refused.Target with { Account = refused.Target.Account ?? tried };
        return await Write(
            AuditDecider.StreamOf(refusal, about, refused.Actor ?? tried ?? RefusedRequest.Nobody),
            new AuditCommand.Refuse(refusal, refused.Request, refused.Code, about.File, about.Folder, about.Account, refused.Address), cancel);
    }

    public Task<Answer<StreamId>> RecordAgain(Guid refusal, StreamId stream, int times, DateTimeOffset until, CancellationToken cancel) =>
        Write(stream, new AuditCommand.RefuseAgain(refusal, times, until), cancel);

    public Task<Answer<StreamId>> RecordCount(
        Guid refusal, AccountId whose, int times, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) =>
        Write(AuditDecider.StreamOf(refusal, default, whose), new AuditCommand.RefuseMore(refusal, times, from, until), cancel);

    private Task<Answer<StreamId>> Write(StreamId stream, AuditCommand command, CancellationToken cancel) =>
        streams.Transact<StreamId>(
            async transaction => await transaction.Decide(stream, AuditDecider.Decider, command) is { } no ? no : stream, cancel);
}
