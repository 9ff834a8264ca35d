using MediatR;
using Microsoft.Extensions.Logging;

namespace EventFiles.Features.Scan;

/// <summary>
/// Tells of what nobody has looked at in time. Looks again: at what its own work has not reached, at what was scanned with other signatures than the scanner has now,
/// and at everything when an operator wants it. Some at a time, one after the other; the oldest verdict first.
/// </summary>
internal sealed partial class RescanHandler(
    IStreams streams, IReadModel<ScanView> views, IReadModel<RescanView> orders, ScanHandler scans, IScanner scanner, ScanTerms terms,
    ScanOptions options, RescanProgress progress, TimeProvider clock, ILogger<RescanHandler> log) :
    IRequestHandler<ScanAgain, Answer<Done>>
{
    private const int PageSize = 100;

    public async Task<Answer<Done>> Handle(ScanAgain request, CancellationToken cancellationToken)
    {
        if (terms.Policy == ScanPolicy.Off)
            return new Done();
        await TellOverdue(cancellationToken);
        string signatures;
        try
        {
            signatures = await scanner.Signatures(cancellationToken);
        }
        catch (ScannerAwayException)
        {
            return new Done();
        }

        await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                RescanDecider.Stream, RescanDecider.Decider, new RescanCommand.SeeSignatures(signatures)) is { } no ? no : new Done(),
            cancellationToken);
        // What is never to be read again must not keep the others waiting.
        var left = await Missed(options.AtOnce, cancellationToken);
        if (left >= 0)
            await Old(signatures, Math.Max(left, options.AtOnce / 2), cancellationToken);
        return new Done();
    }

    // Whyever nobody has looked: each version once, and those that have waited longest first. No more in a round than are
    // looked at: where a scanner is new, all that there is has waited.
    private async Task TellOverdue(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - options.Within;
        var told = 0;
        string? cursor = null;
        do
        {
            var page = await views.List(ScanProjection.Untold, cursor, PageSize, descending: false, cancel);
            foreach (var file in page.Items)
            {
                var late = file.Versions.Where(one => one is { At: null, IsOverdue: false } && one.MadeAt <= before).ToList();
                if (late.Count == 0 || told >= options.AtOnce)
                {
                    Tell(told);
                    return;
                }

                foreach (var version in late)
                {
                    await streams.Transact<Done>(
                        async transaction => await transaction.Decide(
                            ScanDecider.StreamOf(file.Owner, file.File), ScanDecider.Decider,
                            new ScanCommand.MissDeadline(file.File, version.Number, terms.Policy == ScanPolicy.Require)) is { } no ? no : new Done(),
                        cancel);
                    told++;
                }
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Tell(told);
    }

    private void Tell(int told)
    {
        if (told > 0)
            Late(log, told, options.Within);
    }

    // What cannot be read gets no verdict: the scrub tells of it, and what stands behind is looked at all the same.
    private async Task<Rejection?> Look(ScanView file, int version, DateTimeOffset? order, CancellationToken cancel)
    {
        try
        {
            return (await scans.Scan(file.Owner, file.File, version, order, cancel)).Refusal;
        }
        catch (Exception failure) when (ObjectReading.IsOfTheObject(failure))
        {
            return null;
        }
    }

    // How many are left to look at; less than none when the scanner is away.
    private async Task<int> Missed(int left, CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - ScanOptions.MissedAfter;
        string? cursor = null;
        do
        {
            var page = await views.List(ScanProjection.Waiting, cursor, PageSize, descending: false, cancel);
            foreach (var file in page.Items)
            {
                foreach (var version in file.Versions.Where(one => one.At is null))
                {
                    if (version.MadeAt > before || left == 0)
                        return left;
                    if (await Look(file, version.Number, null, cancel) is not null)
                        return -1;
                    left--;
                }
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return left;
    }

    // A verdict that is reached anew stands behind all others; what is passed over (it has its answer, or was released)
    // stays in front, so a round goes on where the last one stopped.
    private async Task Old(string signatures, int left, CancellationToken cancel)
    {
        if (await orders.Find(RescanProjection.Key, cancel) is not { Before: { } before } order)
            return;
        progress.Begin(before);
        while (!progress.IsOver)
        {
            var page = await views.List(ScanProjection.ByAge, progress.Cursor, PageSize, descending: false, cancel);
            foreach (var file in page.Items)
            {
                if (file.Versions.Min(one => one.At) >= before)
                {
                    progress.End();
                    return;
                }

                foreach (var version in file.Versions.Where(one => one.At < before && (order.Order is not null || one.Signatures != signatures)))
                {
                    if (await Look(file, version.Number, order.Order, cancel) is not null)
                        return;
                    left--;
                }
            }

            if (page.NextCursor is { } next)
                progress.Cursor = next;
            else
                progress.End();
            if (left <= 0)
                return;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The virus scanner has not looked at {Versions} more versions within {Limit}: they wait for it")]
    private static partial void Late(ILogger log, int versions, TimeSpan limit);
}

/// <summary>How far this process has gone through what is to be looked at again. Another one begins anew.</summary>
internal sealed class RescanProgress
{
    private DateTimeOffset? before;

    public string? Cursor { get; set; }

    public bool IsOver { get; private set; }

    public void Begin(DateTimeOffset orderedAt)
    {
        if (before != orderedAt)
            (before, Cursor, IsOver) = (orderedAt, null, false);
    }

    public void End() => (Cursor, IsOver) = (null, true);
}
