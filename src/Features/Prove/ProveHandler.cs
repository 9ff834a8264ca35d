using MediatR;
using No = EventFiles.Features.Prove.ProveRejection;

namespace EventFiles.Features.Prove;

/// <summary>Shows that the log was not rewritten: hashes to anybody, events to auditors and administrators.</summary>
internal sealed class ProveHandler(ITransparencyLog log) :
    IRequestHandler<ReadCheckpoint, Answer<LogCheckpoint>>,
    IRequestHandler<ReadVerifierKey, Answer<string>>,
    IRequestHandler<ReadTile, Answer<byte[]>>,
    IRequestHandler<ReadEntries, Answer<byte[]>>,
    IRequestHandler<ProveEvent, Answer<EventProof>>
{
    private const int LastLevel = 63;

    public async Task<Answer<LogCheckpoint>> Handle(ReadCheckpoint ask, CancellationToken cancellationToken) =>
        await log.Newest(cancellationToken) is { } newest ? newest : No.NoCheckpoint;

    public Task<Answer<string>> Handle(ReadVerifierKey ask, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<string>>(log.VerifierKey);

    public async Task<Answer<byte[]>> Handle(ReadTile ask, CancellationToken cancellationToken) =>
        ask.Level is >= 0 and <= LastLevel && TilePlace.Read(ask.Place) is { } place
            && await log.Tile(ask.Level, place.Number, place.Width, cancellationToken) is { } hashes
            ? hashes
            : No.NoSuchTile;

    public async Task<Answer<byte[]>> Handle(ReadEntries ask, CancellationToken cancellationToken) =>
        !MaySee(ask.By) ? No.AuditorsOnly
        : TilePlace.Read(ask.Place) is { } place && await log.Entries(place.Number, place.Width, cancellationToken) is { } leaves
            ? leaves
            : No.NoSuchTile;

    public async Task<Answer<EventProof>> Handle(ProveEvent ask, CancellationToken cancellationToken)
    {
        if (!MaySee(ask.By))
            return No.AuditorsOnly;
        switch (await log.Prove(ask.Event, ask.From ?? 0, cancellationToken))
        {
            case Inclusion.Unknown:
                return No.NoSuchEvent;
            case Inclusion.Proven proven:
                return await WithGrowth(ask, proven, cancellationToken);
            default:
                return No.NotCovered;
        }
    }

    private async Task<Answer<EventProof>> WithGrowth(ProveEvent ask, Inclusion.Proven proven, CancellationToken cancel)
    {
        LogGrowth? growth = null;
        if (ask.From is { } from)
        {
            if (from > proven.Checkpoint.Size)
                return No.NoSuchSize;
            growth = new LogGrowth(from, [.. (await log.Grown(from, proven.Checkpoint, cancel)).Select(Convert.ToBase64String)]);
        }

        return new EventProof(
            ask.Event, proven.Index, proven.Checkpoint.Size, Convert.ToBase64String(proven.Leaf),
            [.. proven.Path.Select(Convert.ToBase64String)], proven.Checkpoint.Note, log.VerifierKey, proven.ToText(), growth);
    }

    private static bool MaySee(Caller by) => by.IsAuditor || by.IsAdministrator;
}
