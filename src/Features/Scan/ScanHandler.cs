using MediatR;
using Microsoft.Extensions.Logging;
using No = EventFiles.Features.Scan.ScanningRejection;

namespace EventFiles.Features.Scan;

/// <summary>
/// Has versions looked at. Safe when late, twice and at once: a verdict with the same signatures changes nothing. That the
/// scanner is away is no verdict: the work comes again until it is there.
/// </summary>
internal sealed partial class ScanHandler(
    IStreams streams, IReadModel<ScanView> views, IObjects objects, IScanner scanner, ScanTerms terms, ILogger<ScanHandler> log) :
    IRequestHandler<ScanVersion, Answer<Done>>
{
    public Task<Answer<Done>> Handle(ScanVersion request, CancellationToken cancellationToken) =>
        Scan(request.Owner, request.File, request.Version, null, cancellationToken);

    /// <summary>The same, also of what was looked at before that order.</summary>
    public async Task<Answer<Done>> Scan(
        AccountId owner, FileId file, int version, DateTimeOffset? orderedAt, CancellationToken cancel)
    {
        if (terms.Policy == ScanPolicy.Off || await views.Find(file.ToString(), cancel) is not { } view || view.Find(version) is not { } what)
            return new Done();
        var stream = ScanDecider.StreamOf(owner, file);
        try
        {
            var signatures = await scanner.Signatures(cancel);
            var mark = (await streams.Load(stream, ScanDecider.Decider, cancel)).Of(version);
            if (mark?.Answers(signatures, orderedAt) == true)
                return new Done();
            var outcome = await Known(what.StoredAs, signatures, orderedAt, cancel) ?? await Look(what.StoredAs, cancel);
            if (outcome is null)
                return new Done();
            KillPoint.Reach("scan.verdict-unrecorded");
            return await streams.Transact<Done>(
                async transaction => await transaction.Decide(
                    stream, ScanDecider.Decider, new ScanCommand.Judge(file, version, outcome, signatures, orderedAt)) is { } no
                    ? no
                    : new Done(),
                cancel);
        }
        catch (ScannerAwayException why)
        {
            Away(log, why, file, version);
            return No.ScannerAway;
        }
    }

    // The same bytes need not be read again for each who has them: an owner's copies and restored versions are one object.
    private async Task<ScanOutcome?> Known(ObjectKey stored, string signatures, DateTimeOffset? orderedAt, CancellationToken cancel)
    {
        var others = await views.List(ScanProjection.Of(stored), null, 100, descending: false, cancel);
        var known = others.Items.SelectMany(one => one.Versions)
            .FirstOrDefault(one => one.StoredAs == stored && one.Signatures == signatures && (orderedAt is null || one.At >= orderedAt));
        return known switch
        {
            { Verdict: ScanVerdict.Clean } => new ScanOutcome.Clean(),
            { Verdict: ScanVerdict.Infected, Detail: { } threat } => new ScanOutcome.Found(threat),
            { Verdict: ScanVerdict.Unscannable, Detail: { } code } => new ScanOutcome.NotScannable(code),
            _ => null,
        };
    }

    // Null when it is gone.
    private async Task<ScanOutcome?> Look(ObjectKey stored, CancellationToken cancel)
    {
        await using var content = await objects.Open(stored, cancel);
        return content is null ? null : await scanner.Scan(content, cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The virus scanner does not answer: version {Version} of file {File} waits")]
    private static partial void Away(ILogger log, Exception why, FileId file, int version);
}

/// <summary>What the scanner said, for everybody who hands out bytes.</summary>
internal sealed class ScanRegister(IReadModel<ScanView> views, ScanTerms terms) : IScans
{
    public async Task<ScanStanding> Of(FileId file, int version, CancellationToken cancel) => new(
        (await views.Find(file.ToString(), cancel))?.Find(version)?.Verdict ?? ScanVerdict.NotScanned, terms.Policy);
}
