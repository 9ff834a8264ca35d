using System.Globalization;
using MediatR;

namespace EventFiles.Features.Audit;

/// <summary>Tells what happened, from the log itself and not from a view of it.</summary>
internal sealed class AuditHandler(IStreams streams, IAccess access, IAccounts accounts, Slices slices) :
    IRequestHandler<ReadHistory, Answer<Page<HistoryEntry>>>
{
    public async Task<Answer<Page<HistoryEntry>>> Handle(ReadHistory ask, CancellationToken cancellationToken)
    {
        if ((await access.Ask(ask.By, ask.File, FileAction.Share, cancellationToken)).Refusal is { } no)
            return no;

        var after = PositionOf(ask.Cursor);
        var events = new List<RecordedEvent>();
        var withheld = slices.All.SelectMany(slice => slice.Withheld).Select(begin => begin()).ToList();
        var leftOut = new Dictionary<StreamId, int>();
        await foreach (var happened in streams.ReadMerged(StreamsOf(ask.File), cancellationToken))
        {
            if (withheld.Exists(hides => hides(happened)))
            {
                leftOut[happened.Stream] = leftOut.GetValueOrDefault(happened.Stream) + 1;
                continue;
            }

            if (happened.Position <= after)
                continue;
            if (events.Count == ask.Limit)
                return await Page(events, events[^1].Position, cancellationToken);
            // A gap would tell what is left out.
            events.Add(happened with { Version = happened.Version - leftOut.GetValueOrDefault(happened.Stream) });
        }

        return await Page(events, next: null, cancellationToken);
    }

    private static long PositionOf(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
        : throw new BadCursorException();

    private List<string> StreamsOf(FileId file) =>
        [.. slices.All.SelectMany(slice => slice.FileStreams).Select(stream => stream(file)).Distinct(StringComparer.Ordinal)];

    private async Task<Page<HistoryEntry>> Page(List<RecordedEvent> events, long? next, CancellationToken cancel)
    {
        var actors = new Dictionary<AccountId, HistoryActor>();
        foreach (var actor in events.Select(happened => happened.Actor).OfType<AccountId>().Distinct())
            actors.Add(actor, new HistoryActor(actor, (await accounts.Find(actor, cancel))?.DisplayName));

        return new Page<HistoryEntry>(
            [.. events.Select(happened => Entry(happened, happened.Actor is { } actor ? actors[actor] : null))],
            next?.ToString(CultureInfo.InvariantCulture));
    }

    private static HistoryEntry Entry(RecordedEvent happened, HistoryActor? actor) => new(
        happened.Position, happened.At, happened.Name, actor, happened.Stream.Name, happened.Version, happened.Id,
        happened.CorrelationId, happened.CausationId, EventDetails.Of(happened.Fact));
}
