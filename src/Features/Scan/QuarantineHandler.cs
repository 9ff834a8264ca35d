using MediatR;
using No = EventFiles.Features.Scan.ScanningRejection;

namespace EventFiles.Features.Scan;

/// <summary>What administrators see of verdicts, and do about them. They open no content and see no names.</summary>
internal sealed class QuarantineHandler(
    IStreams streams, IReadModel<ScanView> views, IReadModel<RescanView> orders, IScanner scanner, ScanTerms terms) :
    IRequestHandler<ReadScanner, Answer<ScannerReply>>,
    IRequestHandler<ListScans, Answer<Page<ScanReply>>>,
    IRequestHandler<ReleaseVersion, Answer<ScanReply>>,
    IRequestHandler<OrderRescan, Answer<Done>>
{
    public async Task<Answer<ScannerReply>> Handle(ReadScanner ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var seen = await orders.Find(RescanProjection.Key, cancellationToken);
        var oldest = await views.List(ScanProjection.ByAge, null, 1, descending: false, cancellationToken);
        var isBehind = oldest.Items is [var file] && file.Versions.Min(one => one.At) < seen?.Before;
        var late = await views.List(ScanProjection.Overdue, null, 1, descending: false, cancellationToken);
        return new ScannerReply(
            terms.Policy.ToString().ToLowerInvariant(), await Answers(cancellationToken), seen?.Signatures, seen?.SignaturesAt,
            isBehind ? seen!.Before : null,
            late.Items is [var first] ? first.Versions.Where(one => one is { At: null, IsOverdue: true }).Min(one => (DateTimeOffset?)one.MadeAt) : null);
    }

    public async Task<Answer<Page<ScanReply>>> Handle(ListScans ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var isWaiting = ask.Verdict == ScanVerdict.NotScanned;
        var page = await views.List(
            isWaiting ? ScanProjection.Waiting : ScanProjection.With(ask.Verdict!.Value), ask.Cursor, ask.Limit, descending: !isWaiting,
            cancellationToken);
        return new Page<ScanReply>(
            [
                .. page.Items.SelectMany(file => file.Versions.Where(one => one.Verdict == ask.Verdict).Select(one => Reply(file, one))),
            ],
            page.NextCursor);
    }

    public async Task<Answer<ScanReply>> Handle(ReleaseVersion ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        if (await views.Find(ask.File.ToString(), cancellationToken) is not { } file || file.Find(ask.Version) is not { } version)
            return No.NoSuchVersion;
        return await streams.Transact<ScanReply>(
            async transaction => await transaction.Decide(
                ScanDecider.StreamOf(file.Owner, ask.File), ScanDecider.Decider,
                new ScanCommand.Release(ask.File, ask.Version, ask.By.Account, ask.Reason.Trim())) is { } no
                ? no
                : Reply(file, version with { Verdict = ScanVerdict.Released, At = transaction.Now }),
            cancellationToken);
    }

    public async Task<Answer<Done>> Handle(OrderRescan ask, CancellationToken cancellationToken) => ask.By.IsAdministrator
        ? await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                RescanDecider.Stream, RescanDecider.Decider, new RescanCommand.Order(ask.OnlyOlder)) is { } no ? no : new Done(),
            cancellationToken)
        : No.AdministratorsOnly;

    private async Task<bool> Answers(CancellationToken cancel)
    {
        if (terms.Policy == ScanPolicy.Off)
            return false;
        try
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            soon.CancelAfter(TimeSpan.FromSeconds(2));
            await scanner.Signatures(soon.Token);
            return true;
        }
        catch (Exception why) when (why is ScannerAwayException || (why is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    private static ScanReply Reply(ScanView file, ScannedVersion version) => new(
        file.File, file.Owner, version.Number, version.Verdict, version.Detail, version.Signatures, version.At ?? version.MadeAt);
}
