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

    public async Task<Answer<int>> Reinstate(ITransaction transaction, AccountId owner, FormerContent former)
    {
        var stream = UploadDecider.StreamOf(former.File, owner);
        return await transaction.Decide(stream, UploadDecider.Decider, new UploadCommand.Reinstate(former)) is { } no
            ? no
            : (await transaction.Load(stream, UploadDecider.Decider)).LastVersion;
    }
}
