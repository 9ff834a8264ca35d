using System.Collections.Concurrent;
using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Takes parts at addresses of this server's own, where the store is no server that clients could be sent to. A part is an
/// object of its own until all are there; sent again, it takes the place of the former in one step.
/// </summary>
internal sealed class DirectPartHandler(
    IEnumerable<IDirectWrites> stores, IObjects objects, Transfers transfers, PartsUnderWay underWay, TimeProvider clock) :
    IRequestHandler<TakePart, Answer<Done>>
{
    private readonly IDirectWrites? store = stores.FirstOrDefault();

    public async Task<Answer<Done>> Handle(TakePart ask, CancellationToken cancellationToken)
    {
        if (store?.Open(ask.Address) is not { } ticket)
            return No.BadAddress;
        if (ask.ContentBytes != ticket.Part.SizeBytes)
            return No.WrongPartSize;
        if (await Refused(ticket, cancellationToken) is { } no)
            return no;
        using var turn = underWay.TryEnter(ticket.Upload);
        if (turn is null)
            return No.PartsAtOnce;

        var key = ObjectKey.Part(ticket.Upload, ticket.Part.Number);
        await using var content = new ArrivingBytes(
            ask.Content,
            bytes => ValueTask.FromResult(bytes.TakenBytes > ticket.Part.SizeBytes ? No.WrongPartSize : default),
            cancellationToken);
        try
        {
            await objects.OwnedBy(ticket.Owner).Put(key, content, cancellationToken);
        }
        catch (Exception) when (content.Refused is not null)
        {
            return content.Refused;
        }

        KillPoint.Reach("upload.direct-part-stored");
        // What ends an upload takes its parts away: one that came later goes by itself. While they are made one, it may be
        // one of them, and goes with them.
        if (await Refused(ticket, CancellationToken.None) is not { } ended)
            return content.TakenBytes == ticket.Part.SizeBytes ? default(Done) : No.BrokenBody;
        if (ended != No.Delivered)
            await objects.Delete(key, CancellationToken.None);
        return ended;
    }

    private async Task<Rejection?> Refused(DirectTicket ticket, CancellationToken cancel) =>
        (await transfers.Load(ticket.Owner, ticket.File, cancel)).Of(ticket.Upload) switch
        {
            { Stage: TransferStage.Open, DeliveredBy: not null } => No.Delivered,
            { Stage: TransferStage.Open } open when open.Until > clock.GetUtcNow() => null,
            _ => No.Ended,
        };
}

/// <summary>How many parts of each upload this node takes now: few, so that no client takes up all of it.</summary>
internal sealed class PartsUnderWay
{
    private const int Most = 8;

    private readonly ConcurrentDictionary<UploadId, int> counts = [];

    /// <summary>One of the places, until it is disposed of; null when all are taken.</summary>
    public IDisposable? TryEnter(UploadId upload)
    {
        var now = counts.AddOrUpdate(upload, 1, (_, count) => count + 1);
        var turn = new Turn(this, upload);
        if (now <= Most)
            return turn;
        turn.Dispose();
        return null;
    }

    private sealed class Turn(PartsUnderWay all, UploadId upload) : IDisposable
    {
        public void Dispose()
        {
            all.counts.AddOrUpdate(upload, 0, (_, count) => count - 1);
            all.counts.TryRemove(new KeyValuePair<UploadId, int>(upload, 0));
        }
    }
}
