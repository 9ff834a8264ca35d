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
}
