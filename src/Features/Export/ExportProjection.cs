using static EventFiles.Features.Export.ExportEvent;

namespace EventFiles.Features.Export;

/// <summary>An export, as it is kept for whose it is.</summary>
/// <param name="Until">While it is made, when it is given up; when it is ready, when it expires.</param>
/// <param name="End">Null while it is not over.</param>
public sealed record ExportView(
    ExportId Id, AccountId Owner, DateTimeOffset RequestedAt, int Percent, DateTimeOffset Until, ExportEnd? End)
{
    /// <summary>When it was ready; null when it has not been.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>What it has come to; null as long as it has not.</summary>
    public ExportFigures? Figures { get; init; }

    /// <summary>As the API shows it.</summary>
    public ExportReply ToReply() => new(
        Id, End is { } end ? Word(end) : ReadyAt is null ? "making" : "ready", Percent, RequestedAt, ReadyAt,
        End is null && ReadyAt is not null ? Until : null, Figures?.SizeBytes, Figures?.Files, Figures?.Versions, Figures?.Withheld,
        Figures?.Position, Figures?.ManifestSha256);

    private static string Word(ExportEnd end) => end switch
    {
        ExportEnd.Expired => "expired",
        ExportEnd.Deleted => "deleted",
        ExportEnd.Replaced => "replaced",
        ExportEnd.Outdated => "outdated",
        ExportEnd.TooLarge => "tooLarge",
        ExportEnd.Erased => "erased",
        _ => "failed",
    };
}

internal static class ExportProjection
{
    /// <summary>Those that are made or ready, by when their time is over.</summary>
    public const string Due = "exports-due";

    /// <summary>A person's, by when they were asked for.</summary>
    public static string Of(AccountId owner) => $"exports-of:{owner}";

    /// <summary>By export id.</summary>
    public static Projection<ExportView> Define() => new Projection<ExportView>("exports")
        .On<Requested>(fact => fact.Export.ToString(), (_, fact, happened) => new ExportView(
            fact.Export, happened.Stream.Tenant, happened.At, 0, fact.Until, null))
        .On<Progressed>(fact => fact.Export.ToString(), (view, fact, _) =>
            view is null ? null : view with { Percent = fact.Percent, Until = fact.Until })
        .On<Completed>(fact => fact.Export.ToString(), (view, fact, happened) => view is null ? null : view with
        {
            Percent = 100,
            Until = fact.ExpiresAt,
            ReadyAt = happened.At,
            Figures = new ExportFigures(
                fact.Attempt, fact.Position, fact.Files, fact.Versions, fact.Withheld, fact.SizeBytes, fact.ManifestSha256),
        })
        .On<Ended>(fact => fact.Export.ToString(), (view, fact, _) =>
            view is null ? null : view with { End = fact.Reason, Figures = null })
        .Indexed(view =>
        [
            new IndexEntry(Of(view.Owner), IndexEntry.Time(view.RequestedAt)),
            .. view.End is null ? (IndexEntry[])[new(Due, IndexEntry.Time(view.Until))] : [],
        ]);
}
