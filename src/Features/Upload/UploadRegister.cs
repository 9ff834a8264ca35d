namespace EventFiles.Features.Upload;

/// <summary>Uploads, as other slices ask for them.</summary>
internal sealed class UploadRegister(IStreams streams) : IUploads
{
    // Whose it was is not known: the stream belongs to nobody. An upload that is just being completed writes to the same
    // stream, so that one of the two finds out about the other.
    public async Task<Rejection?> Disown(UploadId upload, CancellationToken cancel) =>
        (await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                UploadDecider.OwnStreamOf(upload, default), UploadDecider.Decider,
                new UploadCommand.Disown(upload, UploadDecider.NewFileOf(upload))) is { } no
                ? no
                : default(Done),
            cancel)).Refusal;

    public async Task<Answer<IReadOnlyList<UploadId>>> EndAimed(ITransaction transaction, AccountId owner, FileId file)
    {
        var stream = UploadDecider.StreamOf(file, owner);
        var aimed = (await transaction.Load(stream, UploadDecider.Decider)).Transfers.Values
            .Where(transfer => transfer is { IsAimed: true, Stage: not TransferStage.Complete }).ToList();
        foreach (var transfer in aimed.Where(transfer => transfer.Stage == TransferStage.Open))
        {
            if (await transaction.Decide(
                    stream, UploadDecider.Decider, new UploadCommand.Abandon(transfer.Upload, file, "deleted")) is { } no)
                return no;
        }

        return new Answer<IReadOnlyList<UploadId>>.Yes([.. aimed.Select(transfer => transfer.Upload)]);
    }

    public async Task<Answer<int>> Reinstate(ITransaction transaction, AccountId owner, FormerContent former)
    {
        var stream = UploadDecider.StreamOf(former.File, owner);
        return await transaction.Decide(stream, UploadDecider.Decider, new UploadCommand.Reinstate(former)) is { } no
            ? no
            : (await transaction.Load(stream, UploadDecider.Decider)).LastVersion;
    }
}
