using System.Diagnostics;
using static EventFiles.Features.Export.ExportCommand;
using static EventFiles.Features.Export.ExportEvent;
using No = EventFiles.Features.Export.ExportRejection;

namespace EventFiles.Features.Export;

/// <summary>How far the last export of a person is.</summary>
/// <param name="Id">Null when none was asked for.</param>
/// <param name="Until">While it is made, when it is given up; when it is ready, when it expires.</param>
/// <param name="NextFrom">Before that no other one is made.</param>
/// <param name="Attempt">Whose writing it is made of, once it is ready.</param>
public sealed record ExportState(
    ExportId? Id, ExportStage Stage, int Percent, DateTimeOffset Until, DateTimeOffset NextFrom, Guid? Attempt);

public enum ExportStage
{
    /// <summary>What is to be in it is being looked up.</summary>
    Making,

    /// <summary>It can be downloaded.</summary>
    Ready,

    /// <summary>It is over.</summary>
    Ended,
}

public static class ExportDecider
{
    public static readonly Decider<ExportCommand, ExportState, ExportEvent> Decider = new(
        new ExportState(null, ExportStage.Ended, 0, default, default, null), Evolve, Decide);

    /// <summary>All exports of one person stand in one stream: there is one at a time.</summary>
    public static StreamId StreamOf(AccountId person) => new($"exports-{person}", person);

    // Read from the top: the first row that matches is the rule. Who asks while one is made has asked for that one.
    private static Decision<ExportEvent> Decide(ExportState state, ExportCommand ask, DateTimeOffset now) =>
        (ask, state.Stage) switch
        {
            (Request request, _) when state.Id == request.Export => Decision<ExportEvent>.AlreadySo,
            (Request, ExportStage.Making) => Decision<ExportEvent>.AlreadySo,
            (Request, _) when now < state.NextFrom => No.TooSoon with { RetryAfter = state.NextFrom - now },
            (Request request, ExportStage.Ready) => new ExportEvent[]
            {
                new Ended(state.Id!.Value, ExportEnd.Replaced), new Requested(request.Export, request.Until, request.NextFrom),
            },
            (Request request, _) => new Requested(request.Export, request.Until, request.NextFrom),

            (Note note, ExportStage.Making) when state.Id == note.Export && note.Percent > state.Percent =>
                new Progressed(note.Export, note.Percent, note.Until),

            (Complete complete, ExportStage.Making) when state.Id == complete.Export => Completed(complete),

            (End end, not ExportStage.Ended) when state.Id == end.Export => new Ended(end.Export, end.Reason),

            (Lapse lapse, ExportStage.Making) when state.Id == lapse.Export && state.Until <= now =>
                new Ended(lapse.Export, ExportEnd.Failed),
            (Lapse lapse, ExportStage.Ready) when state.Id == lapse.Export && state.Until <= now =>
                new Ended(lapse.Export, ExportEnd.Expired),

            // A former one, or a step that another worker was faster with.
            (Note or Complete or End or Lapse, _) => Decision<ExportEvent>.AlreadySo,

            _ => throw new UnreachableException(),
        };

    private static Completed Completed(Complete complete)
    {
        var figures = complete.Figures;
        return new Completed(
            complete.Export, figures.Attempt, figures.Position, figures.Files, figures.Versions, figures.Withheld, figures.SizeBytes,
            figures.ManifestSha256, complete.ExpiresAt);
    }

    private static ExportState Evolve(ExportState state, ExportEvent happened) => happened switch
    {
        Requested requested => new ExportState(
            requested.Export, ExportStage.Making, 0, requested.Until, requested.NextFrom, null),
        Progressed progressed => state with { Percent = progressed.Percent, Until = progressed.Until },
        Completed completed => state with
        {
            Stage = ExportStage.Ready,
            Percent = 100,
            Until = completed.ExpiresAt,
            Attempt = completed.Attempt,
        },
        Ended => state with { Stage = ExportStage.Ended, Attempt = null },
        _ => throw new UnreachableException(),
    };
}

public static class ExportRejection
{
    /// <summary>There is none, or it is somebody else's: nobody can tell which.</summary>
    public static readonly Rejection Missing = new(
        "export.not-found", RejectionKind.Missing, "There is no such export.");

    public static readonly Rejection NotYet = new(
        "export.not-ready", RejectionKind.Conflict, "The export is still being made; its status says how far it is.");

    public static readonly Rejection Gone = new(
        "export.gone", RejectionKind.Gone, "The export is over: ask for another one.");

    public static readonly Rejection TooSoon = new(
        "export.too-soon", RejectionKind.Busy, "You asked for an export a short while ago; wait before the next.");
}
