using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Makes a file of parts, after their client said that they are all there.</summary>
internal sealed class DirectJoinHandler(Transfers transfers, DirectJoins joins) : IRequestHandler<JoinParts, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(JoinParts ask, CancellationToken cancellationToken)
    {
        var state = await transfers.Load(ask.Owner, ask.File, cancellationToken);
        if (state.Of(ask.Upload) is { Stage: TransferStage.Open, DeliveredBy: not null } delivered)
            return await joins.Join(delivered with { Owner = ask.Owner }, cancellationToken);
        await joins.Discard(ask.Upload, cancellationToken);
        return default(Done);
    }
}
